// What is sent to a client whose connection HTTP has handed over, and who takes nothing.
#include "realtime/wire/websocket/handshake.hpp"

#include <memory>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

namespace stoa::realtime::test {
namespace {

using Tcp = asio::ip::tcp;

class LastWordsTest : public testing::Test {
 protected:
  LastWordsTest() {
    Tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    client.connect(acceptor.local_endpoint());
    net::Socket socket(context.get_executor());
    acceptor.accept(socket);
    stream = std::make_shared<net::Stream>(std::move(socket));
  }

  // Until the client, which reads nothing, can be sent nothing more.
  void fill() {
    stream->socket().non_blocking(true);
    const std::string much(1 << 20, 'x');
    boost::system::error_code full;
    while (!full) stream->socket().write_some(asio::buffer(much), full);
    ASSERT_EQ(full, asio::error::would_block);
  }

  asio::io_context context;
  Tcp::socket client{context};
  std::shared_ptr<net::Stream> stream;
};

TEST_F(LastWordsTest, EndWithTheirTimeWhereNobodyTakesThem) {
  fill();
  bool is_over = false;
  const auto send = [&]() -> Task<> {
    co_await websocket::send_last(std::chrono::milliseconds(20), stream, "goodbye");
    is_over = true;
  };
  asio::co_spawn(context.get_executor(), send, asio::detached);
  context.run_for(std::chrono::seconds(10));
  EXPECT_TRUE(is_over);
  EXPECT_FALSE(stream->socket().is_open());
}

TEST_F(LastWordsTest, KeepTheConnectionOfWhoTakesThem) {
  bool is_taken = false;
  const auto send = [&]() -> Task<> {
    is_taken = co_await websocket::send_within(std::chrono::hours(1), *stream, "welcome");
  };
  asio::co_spawn(context.get_executor(), send, asio::detached);
  context.run_for(std::chrono::seconds(10));
  EXPECT_TRUE(is_taken);
  EXPECT_TRUE(stream->socket().is_open());
}

}  // namespace
}  // namespace stoa::realtime::test
