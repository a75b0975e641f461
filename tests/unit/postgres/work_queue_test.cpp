#include "infra/postgres/work_queue.hpp"

#include <gtest/gtest.h>

namespace stoa::pg {
namespace {

using namespace std::chrono_literals;

WorkQueue::Work quick() {
  return {nullptr, Mode::autocommit, false, {}, WorkQueue::Clock::now()};
}
WorkQueue::Work slow_of(std::uint64_t who) {
  return {nullptr, Mode::autocommit, true, {who, 0}, WorkQueue::Clock::now()};
}

TEST(WorkQueue, HasPlacesOfItsOwnForSlowWork) {
  WorkQueue queue(8, 8);
  EXPECT_FALSE(queue.push(slow_of(1)));
  EXPECT_FALSE(queue.push(slow_of(1)));
  EXPECT_TRUE(queue.push(slow_of(1)));
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(queue.push(quick())) << i;
  EXPECT_TRUE(queue.push(quick()));
}

TEST(WorkQueue, LetsThoseTakeTurnsWhoAskForSlowWork) {
  WorkQueue queue(4, 32);
  for (int i = 0; i < 6; ++i) queue.push(slow_of(1));
  queue.push(slow_of(2));
  std::vector<std::uint64_t> order;
  while (!queue.empty()) {
    const auto work = queue.pop();
    order.push_back(work.who.outer);
    queue.ended(work);
  }
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 1, 1, 1, 1, 1}));
}

TEST(WorkQueue, GivesAPlaceOfWhoeverHasMostSlowWorkToOneWhoHasLess) {
  WorkQueue queue(4, 12);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(queue.push(slow_of(1)));
  const auto displaced = queue.push(slow_of(2));
  ASSERT_TRUE(displaced);
  EXPECT_EQ(displaced->who.outer, 1u);
  const auto own = queue.push(slow_of(1));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->who.outer, 1u);
  EXPECT_EQ(queue.size(), 3u);
}

}  // namespace
}  // namespace stoa::pg
