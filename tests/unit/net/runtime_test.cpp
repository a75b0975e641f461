#include "../support/eventually.hpp"

#include <stoa/net/networks.hpp>
#include <stoa/net/runtime.hpp>

#include <atomic>
#include <chrono>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

namespace stoa::net {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

// Sets its flag when it goes out of scope, however a coroutine ends.
struct Ended {
  std::atomic<int>& count;
  ~Ended() { ++count; }
};

Task<> wait_for_ever(std::atomic<int>* started, std::atomic<int>* ended) {
  const Ended mark{*ended};
  const auto executor = co_await asio::this_coro::executor;
  Timer timer(executor, Clock::time_point::max());
  ++*started;
  co_await timer.async_wait(use_task);
}

Task<> fail() {
  throw std::runtime_error("expected by the test");
  co_return;
}

TEST(Runtime, RunsOnEveryShardAndWaits) {
  Runtime runtime(3);
  runtime.start();
  std::atomic<int> count{0};
  std::atomic<unsigned> indexes{0};
  runtime.on_every_shard([&](Shard& shard) {
    ++count;
    indexes |= 1U << shard.index;
  });
  EXPECT_EQ(count, 3);
  EXPECT_EQ(indexes, 7U);
}

TEST(Runtime, CancelsAndAwaitsItsTasksWhenItStops) {
  std::atomic<int> started{0}, ended{0};
  Runtime runtime(2);
  runtime.start();
  runtime.on_every_shard([&](Shard& shard) {
    for (int i = 0; i < 10; ++i) shard.tasks.spawn("waiter", wait_for_ever(&started, &ended));
  });
  runtime.stop();
  EXPECT_EQ(ended, 20);
  runtime.stop();
}

TEST(TaskGroup, OutlivesATaskThatThrows) {
  Runtime runtime(1);
  runtime.start();
  runtime.on_every_shard([](Shard& shard) { shard.tasks.spawn("failing", fail()); });
  std::atomic<int> started{0}, ended{0};
  runtime.on_every_shard(
      [&](Shard& shard) { shard.tasks.spawn("waiter", wait_for_ever(&started, &ended)); });
  EXPECT_TRUE(eventually([&] { return started == 1; }));
}

TEST(TaskGroup, MayEndBeforeItsTasks) {
  std::atomic<int> started{0}, ended{0};
  Runtime runtime(1);
  runtime.start();
  runtime.on_every_shard([&](Shard& shard) {
    TaskGroup group(shard.context.get_executor());
    group.spawn("waiter", wait_for_ever(&started, &ended));
  });
  EXPECT_TRUE(eventually([&] { return ended == 1; }));
}

// Asks for the end of all when it is itself cancelled.
Task<> cancel_others(TaskGroup* group, std::atomic<int>* started, std::atomic<int>* ended) {
  const Ended mark{*ended};
  Timer timer(co_await asio::this_coro::executor, Clock::time_point::max());
  ++*started;
  try {
    co_await timer.async_wait(use_task);
  } catch (const boost::system::system_error&) {
    group->cancel();
  }
}

TEST(TaskGroup, MayBeCancelledByItsTasks) {
  std::atomic<int> started{0}, ended{0};
  Runtime runtime(1);
  runtime.start();
  runtime.on_every_shard([&](Shard& shard) {
    for (int i = 0; i < 3; ++i) {
      shard.tasks.spawn("canceller", cancel_others(&shard.tasks, &started, &ended));
      shard.tasks.spawn("waiter", wait_for_ever(&started, &ended));
    }
  });
  ASSERT_TRUE(eventually([&] { return started == 6; }));
  runtime.on_every_shard([&](Shard& shard) { shard.tasks.cancel(); });
  EXPECT_TRUE(eventually([&] { return ended == 6; }));
}

TEST(Runtime, WaitsNoLongerThanAsked) {
  std::atomic<int> started{0}, ended{0};
  Runtime runtime(1);
  runtime.start();
  EXPECT_FALSE(
      runtime.await_every_shard(10ms, [&](Shard&) { return wait_for_ever(&started, &ended); }));
}

TEST(Networks, ContainTheirAddresses) {
  using asio::ip::make_address;
  const Networks networks({"10.0.0.0/8", "192.168.1.7", "2001:db8::/33", "0.0.0.0/32"});
  EXPECT_TRUE(networks.contains(make_address("10.255.0.1")));
  EXPECT_TRUE(networks.contains(make_address("192.168.1.7")));
  EXPECT_TRUE(networks.contains(make_address("2001:db8:7fff::1")));
  EXPECT_FALSE(networks.contains(make_address("2001:db8:8000::1")));
  EXPECT_FALSE(networks.contains(make_address("192.168.1.8")));
  EXPECT_FALSE(networks.contains(make_address("11.0.0.0")));
  EXPECT_TRUE(Networks({"0.0.0.0/0"}).contains(make_address("1.2.3.4")));
  EXPECT_FALSE(Networks({"0.0.0.0/0"}).contains(make_address("::1")));
  for (const char* wrong :
       {"", "10.0.0.0/33", "10.0.0/8", "a", "::/129", "1.2.3.4/", "1.2.3.4/x"}) {
    EXPECT_THROW(Networks({wrong}), std::invalid_argument) << wrong;
  }
}

}  // namespace
}  // namespace stoa::net
