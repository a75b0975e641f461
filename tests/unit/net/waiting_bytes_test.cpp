// Who is ended when more waits than may: the largest holdings of whoever has most, and nobody beside them.
#include <stoa/core/task.hpp>
#include <stoa/net/waiting_bytes.hpp>

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace stoa::net {
namespace {

constexpr std::size_t kMost = 1000;

class WaitingBytesTest : public testing::Test {
 protected:
  WaitingBytesTest() { waiting.limit(context, kMost); }

  // Whose end adds a letter, and lets go of its bytes.
  Holding& hold(TurnKey who, char letter, std::size_t bytes) {
    const std::size_t place = holdings.size();
    holdings.push_back(std::make_unique<Holding>(waiting, [this, place, letter] {
      order += letter;
      holdings[place]->set(0);
    }));
    holdings.back()->belongs_to(who);
    holdings.back()->set(bytes);
    return *holdings.back();
  }
  const std::string& ended() {
    context.restart();
    context.run();
    return order;
  }

  WaitingBytes waiting;
  asio::io_context context{1};
  std::vector<std::unique_ptr<Holding>> holdings;
  std::string order;
};

TEST_F(WaitingBytesTest, NobodyIsEndedWithinTheBudget) {
  hold({1, 0}, 'a', kMost);
  EXPECT_EQ(ended(), "");
  EXPECT_EQ(waiting.waiting(), kMost);
}

TEST_F(WaitingBytesTest, TheLargestOfWhoeverHasMostIsEndedFirstUntilATenthIsFree) {
  hold({1, 0}, 'a', 100);
  hold({1, 0}, 'b', 90);
  hold({1, 0}, 'c', 300);
  hold({2, 0}, 'd', 310);  // larger than any of the first address's, which has more in all
  hold({1, 0}, 'e', 150);
  hold({3, 0}, 'f', 60);
  EXPECT_EQ(ended(), "c");
  EXPECT_EQ(waiting.waiting(), 710U);
  EXPECT_EQ(waiting.ended(), 1U);
}

TEST_F(WaitingBytesTest, WithinAnAddressThePersonWithMostIsEnded) {
  hold({1, 7}, 'a', 200);
  hold({1, 7}, 'b', 200);
  hold({1, 8}, 'c', 250);
  hold({1, 9}, 'd', 240);
  hold({2, 0}, 'e', 150);
  EXPECT_EQ(ended().size(), 1U);
  EXPECT_NE(order.find_first_of("ab"), std::string::npos) << order;
}

TEST_F(WaitingBytesTest, WhoStaysBelowIsNotEndedForAFloodOfSmallOnes) {
  hold({2, 0}, 'o', 50);
  for (int i = 0; i < 400; ++i) {
    hold({1, 0}, 'f', 10);
    ended();
  }
  EXPECT_EQ(order.find('o'), std::string::npos);
  EXPECT_LE(waiting.waiting(), kMost);
  EXPECT_EQ(waiting.ended(), order.size());
}

TEST_F(WaitingBytesTest, EndingIsForALaterTurnAndNobodyIsEndedTwice) {
  hold({1, 0}, 'a', 900);
  hold({2, 0}, 'b', 200);
  EXPECT_EQ(order, "");
  hold({3, 0}, 'c', 150);  // there is room for it once the first has gone
  EXPECT_EQ(ended(), "a");
  EXPECT_EQ(waiting.waiting(), 350U);
}

TEST_F(WaitingBytesTest, WhoHasLetGoOrIsGoneByThenIsNotEnded) {
  Holding& first = hold({1, 0}, 'a', 900);
  hold({2, 0}, 'b', 200);
  first.set(0);
  EXPECT_EQ(ended(), "");
  first.set(900);
  holdings.front().reset();
  EXPECT_EQ(ended(), "");
  EXPECT_EQ(waiting.waiting(), 200U);
}

TEST_F(WaitingBytesTest, OneThatWasEndedMayBeSoAgainOnceItWasEmpty) {
  Holding& one = hold({1, 0}, 'a', 1100);
  EXPECT_EQ(ended(), "a");
  one.set(1200);
  EXPECT_EQ(ended(), "aa");
}

TEST_F(WaitingBytesTest, NothingIsLeftWhenAllHaveGone) {
  for (int i = 0; i < 100; ++i) hold({1, static_cast<std::uint64_t>(i)}, 'f', 37);
  ended();
  holdings.clear();
  EXPECT_EQ(waiting.waiting(), 0U);
}

}  // namespace
}  // namespace stoa::net
