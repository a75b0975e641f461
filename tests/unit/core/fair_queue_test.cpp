#include <stoa/core/fair_queue.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa {
namespace {

std::string drain(FairQueue<char>& queue) {
  std::string order;
  while (!queue.empty()) order += queue.pop();
  return order;
}

TEST(FairQueue, KeepsTheOrderOfOne) {
  FairQueue<char> queue;
  for (const char c : {'a', 'b', 'c'}) queue.push({7, 1}, c);
  EXPECT_EQ(drain(queue), "abc");
}

TEST(FairQueue, LetsAddressesTakeTurnsHoweverMuchOneHas) {
  FairQueue<char> queue;
  for (int i = 0; i < 4; ++i) queue.push({1, static_cast<std::uint64_t>(i)}, 'x');
  queue.push({2, 0}, 'a');
  queue.push({3, 0}, 'b');
  EXPECT_EQ(drain(queue), "xabxxx");
}

TEST(FairQueue, LetsAccountsOfAnAddressTakeTurns) {
  FairQueue<char> queue;
  for (int i = 0; i < 3; ++i) queue.push({1, 10}, 'x');
  queue.push({1, 11}, 'a');
  EXPECT_EQ(drain(queue), "xaxx");
}

TEST(FairQueue, DropsTheLatestOfWhoeverHasMost) {
  FairQueue<char> queue;
  queue.push({1, 0}, 'a');
  for (const char c : {'x', 'y', 'z'}) queue.push({2, 5}, c);
  queue.push({2, 6}, 'w');
  EXPECT_EQ(queue.drop_last(3), 'z');
  EXPECT_EQ(queue.drop_last(3), std::nullopt);
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(queue.size_of(2), 3u);
  EXPECT_EQ(drain(queue), "axwy");
}

TEST(FairQueue, DropsTheLatestOfWhoeverHasMostOfAnAddress) {
  FairQueue<char> queue;
  for (const char c : {'x', 'y', 'z'}) queue.push({2, 5}, c);
  queue.push({2, 6}, 'w');
  EXPECT_EQ(queue.size_of(TurnKey{2, 5}), 3u);
  EXPECT_EQ(queue.size_of(TurnKey{2, 7}), 0u);
  EXPECT_EQ(queue.drop_last_of(2, 1), 'z');
  EXPECT_EQ(queue.drop_last_of(2, 2), std::nullopt);
  EXPECT_EQ(queue.drop_last_of(3, 0), std::nullopt);
  EXPECT_EQ(drain(queue), "xwy");
}

TEST(FairQueue, DropsNothingOfNobodyInParticular) {
  FairQueue<char> queue;
  for (int i = 0; i < 5; ++i) queue.push({}, 'x');
  queue.push({2, 5}, 'a');
  EXPECT_EQ(queue.drop_last(0), 'a');
  EXPECT_EQ(queue.drop_last(0), std::nullopt);
  EXPECT_EQ(queue.drop_last_of(0, 0), std::nullopt);
}

TEST(FairQueue, TakesOutWhatIsWantedAndLeavesTheOthersTheirTurns) {
  FairQueue<char> queue;
  for (const char c : {'x', 'y', 'x', 'z'}) queue.push({1, 1}, c);
  queue.push({2, 1}, 'a');
  EXPECT_EQ(queue.take_if([](char c) { return c == 'x'; }).size(), 2u);
  EXPECT_EQ(queue.next(), 'a');
  EXPECT_EQ(drain(queue), "ayz");
}

}  // namespace
}  // namespace stoa
