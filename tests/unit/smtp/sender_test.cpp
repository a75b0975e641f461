// How a mail that is under way comes to its end from another thread.
#include "../support/eventually.hpp"

#include <stoa/core/error.hpp>
#include <stoa/smtp/sender.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

namespace stoa::smtp {
namespace {

using namespace std::chrono_literals;
using stoa::test::eventually;

struct Ended {
  std::optional<Answer> answer;
  std::optional<Code> refused;
};

Task<> attempt(Sender& sender, Ended& out) {
  try {
    Envelope envelope{"stoa@example.org", "ada@example.org"};
    Answer answer = co_await sender.send(std::move(envelope), "a mail\r\n");
    out.answer = std::move(answer);
  } catch (const Error& error) {
    out.refused = error.code();
  }
}

// A mail server that takes connections and says nothing.
class SilentServerTest : public testing::Test {
 protected:
  SilentServerTest() : acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {}

  SenderOptions options() const {
    SenderOptions all;
    all.url = "smtp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    all.threads = 1;
    all.connect_timeout = 1min;
    all.time_limit = 1min;
    return all;
  }
  void spawn(Task<> task, asio::cancellation_slot slot = {}) {
    asio::co_spawn(io, std::move(task),
                   asio::bind_cancellation_slot(slot, [](std::exception_ptr) {}));
  }

  asio::io_context io;

 private:
  asio::ip::tcp::acceptor acceptor_;
};

TEST_F(SilentServerTest, AMailIsCalledOffWithItsTask) {
  Sender sender(options());
  Ended ended;
  asio::cancellation_signal signal;
  spawn(attempt(sender, ended), signal.slot());
  io.poll();
  ASSERT_TRUE(eventually([&] { return sender.pool().stats().busy == 1; }));
  signal.emit(asio::cancellation_type::terminal);
  io.restart();
  io.run();
  ASSERT_TRUE(ended.answer);
  EXPECT_EQ(ended.answer->outcome, Outcome::later);
  EXPECT_EQ(ended.answer->text.find("timed out"), std::string::npos) << ended.answer->text;
}

TEST_F(SilentServerTest, StopEndsWhatRunsAndRefusesWhatWaits) {
  Sender sender(options());
  Ended runs, waits, late;
  spawn(attempt(sender, runs));
  spawn(attempt(sender, waits));
  io.poll();
  ASSERT_TRUE(eventually([&] { return sender.pool().stats().busy == 1; }));
  std::thread stopping([&] { sender.stop(); });
  io.restart();
  io.run();
  stopping.join();
  ASSERT_TRUE(runs.answer);
  EXPECT_EQ(runs.answer->outcome, Outcome::later);
  EXPECT_EQ(runs.answer->text.find("timed out"), std::string::npos) << runs.answer->text;
  EXPECT_EQ(waits.refused, Code::shutting_down);
  spawn(attempt(sender, late));
  io.restart();
  io.run();
  EXPECT_EQ(late.refused, Code::shutting_down);
}

TEST_F(SilentServerTest, AMailIsLeftWhenItsTimeIsOver) {
  auto all = options();
  all.time_limit = 50ms;
  Sender sender(all);
  const Answer answer = sender.send_blocking({"stoa@example.org", "ada@example.org"}, "a mail\r\n");
  EXPECT_EQ(answer.outcome, Outcome::later);
  EXPECT_EQ(answer.code, 0);
  EXPECT_NE(answer.text.find("timed out"), std::string::npos) << answer.text;
}

}  // namespace
}  // namespace stoa::smtp
