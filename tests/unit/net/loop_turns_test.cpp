// How much of a loop's turn those get who have more to do than one turn is for.
#include <stoa/net/loop_turns.hpp>

#include <algorithm>
#include <string>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace stoa::net {
namespace {

constexpr TurnKey kFlooder{1, 0}, kOther{2, 0};

class LoopTurnsTest : public testing::Test {
 protected:
  // Takes so many turns, and writes a letter with each.
  Task<> take(TurnKey who, int count, char letter) {
    for (int i = 0; i < count; ++i) {
      co_await turns.next(who);
      order += letter;
    }
  }
  void start(TurnKey who, int count, char letter) {
    asio::co_spawn(context, take(who, count, letter), asio::detached);
  }
  // Of somebody whose work is always ready: a letter each turn of the loop.
  void be_there(int count) {
    order += '.';
    if (count > 1) asio::post(context, [this, count] { be_there(count - 1); });
  }

  asio::io_context context{1};
  LoopTurns turns{context.get_executor()};
  std::string order;
};

TEST_F(LoopTurnsTest, AllThatWaitHaveOneSliceATurn) {
  for (int i = 0; i < 50; ++i) start(kFlooder, 4, 'f');
  asio::post(context, [this] { be_there(300); });
  context.run();
  EXPECT_EQ(std::count(order.begin(), order.end(), 'f'), 200);
  EXPECT_EQ(order.find("ff"), std::string::npos) << order;
}

TEST_F(LoopTurnsTest, AddressesTakeTurns) {
  for (int i = 0; i < 50; ++i) start(kFlooder, 4, 'f');
  start(kOther, 3, 'o');
  context.run();
  EXPECT_EQ(order.substr(0, 6), "fofofo");
}

TEST_F(LoopTurnsTest, WhoIsCancelledKeepsNobodyWaiting) {
  asio::cancellation_signal signal;
  asio::co_spawn(context, take(kFlooder, 1, 'c'),
                 asio::bind_cancellation_slot(signal.slot(), asio::detached));
  start(kFlooder, 1, 'f');
  context.run_one();
  context.run_one();
  signal.emit(asio::cancellation_type::terminal);
  context.run();
  EXPECT_EQ(order, "f");
  EXPECT_EQ(turns.put_off(), 2U);
}

TEST(Slice, EndsAfterSoManySteps) {
  Slice slice;
  std::size_t steps = 1;
  while (slice.step()) ++steps;
  EXPECT_LE(steps, Slice::kSteps);
  EXPECT_FALSE(slice.step());
  slice.resume();  // too soon to have rested
  EXPECT_FALSE(slice.step());
  slice.renew();
  EXPECT_TRUE(slice.step());
}

}  // namespace
}  // namespace stoa::net
