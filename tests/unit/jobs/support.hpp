#pragma once
// What the tests of jobs share: a table of their own, and nodes that do what is in it.
#include "../postgres/support.hpp"

#include <stoa/jobs/operate.hpp>
#include <stoa/jobs/queue.hpp>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

namespace stoa::jobs::test {

using namespace std::chrono_literals;
using stoa::test::eventually;

struct Errand {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Errand, (), (name))
inline constexpr Kind<Errand> kErrand{"errand"};
inline constexpr Kind<Errand> kOther{"other"};

// A handler's way to wait until a test lets it go on. For any number of handlers, which poll it.
class Latch {
 public:
  void open() { is_open_ = true; }
  int waiting() const { return waiting_; }
  Task<> pass() {
    ++waiting_;
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Executor>
        timer(co_await asio::this_coro::executor);
    while (!is_open_) {
      timer.expires_after(1ms);
      co_await timer.async_wait(use_task);
    }
  }

 private:
  std::atomic<bool> is_open_ = false;
  std::atomic<int> waiting_ = 0;
};

// One server as far as jobs are concerned.
class Node {
 public:
  Node(pg::Database& db, const config::Jobs& config, Handlers handlers, const Chores& chores = {})
      : queue(db, runtime_, config) {
    queue.add(std::move(handlers));
    queue.add(chores);
    runtime_.start();
    queue.start();
  }
  ~Node() {
    if (is_running_) stop();
  }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  void stop(std::chrono::milliseconds longest = stoa::test::kPatience) {
    queue.stop(longest);
    die();
  }
  // Gives nothing back.
  void die() {
    runtime_.stop();
    is_running_ = false;
  }

 private:
  net::Runtime runtime_{1};
  bool is_running_ = true;

 public:
  Queue queue;
};

class JobsTest : public testing::Test {
 protected:
  JobsTest();

  // So that nothing is found by the clock, unless a test means it.
  config::Jobs config;
  pg::test::Schema schema;
  pg::Database db{schema.options(4)};
  std::atomic<int> runs = 0;

  // Counts.
  Handler counting(const Kind<Errand>& kind = kErrand);
  void enqueue(Queue& queue, const std::string& name, const When& when = {},
               const Kind<Errand>& kind = kErrand);
  std::vector<ListedJob> jobs();
  ListedJob job();  // the only one
  void sql(const std::string& text) { schema.script(text); }
  template <class T>
  T value(std::string_view text) {
    return db.run_blocking([text](pg::Tx& tx) { return tx.get<T>(text); });
  }
};

}  // namespace stoa::jobs::test
