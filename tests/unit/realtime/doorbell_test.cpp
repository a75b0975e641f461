// Where coroutines of a shard wait for one another.
#include "realtime/outbound.hpp"

#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace stoa::realtime {
namespace {

class DoorbellTest : public testing::Test {
 protected:
  void start_waiting() {
    asio::co_spawn(context_, wait(), asio::detached);
    turn();
  }
  void ring() {
    bell_.ring();
    turn();
  }
  // Runs what is ready; those that wait never are.
  void turn() {
    context_.restart();
    while (context_.poll() > 0) {
    }
  }

  asio::io_context context_;
  Doorbell bell_;
  int woken_ = 0;

 private:
  Task<> wait() {
    co_await bell_.wait(context_.get_executor());
    ++woken_;
  }
};

TEST_F(DoorbellTest, WakesAllThatWait) {
  for (int i = 0; i < 3; ++i) start_waiting();
  EXPECT_EQ(woken_, 0);
  ring();
  EXPECT_EQ(woken_, 3);
}

TEST_F(DoorbellTest, WakesNobodyWhoComesLater) {
  ring();
  start_waiting();
  EXPECT_EQ(woken_, 0);
  start_waiting();
  ring();
  EXPECT_EQ(woken_, 2);
  ring();
  EXPECT_EQ(woken_, 2);
}

}  // namespace
}  // namespace stoa::realtime
