#include "features/chat/doubtful_messages.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::chat {
namespace {

using namespace std::chrono_literals;

std::vector<MessageId> add(DoubtfulMessages& messages, std::size_t count) {
  std::vector<MessageId> ids(count);
  for (MessageId& id : ids) messages.add(id = MessageId::make());
  return ids;
}

std::vector<MessageId> first(const std::vector<MessageId>& ids, std::size_t from,
                             std::size_t count) {
  const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(from);
  return {begin, begin + static_cast<std::ptrdiff_t>(std::min(count, ids.size() - from))};
}

TEST(DoubtfulMessages, AreLookedForOldestFirstAndNotAllAtOnce) {
  DoubtfulMessages messages(1000, 1h);
  const auto all = add(messages, 600);
  const auto looked_for = messages.ids();
  ASSERT_LT(looked_for.size(), all.size());
  EXPECT_EQ(looked_for, first(all, 0, looked_for.size()));
  std::vector<MessageView> found(looked_for.size());
  for (std::size_t i = 0; i < found.size(); ++i) found[i].id = looked_for[i];
  messages.settle(found);
  EXPECT_EQ(messages.ids(), first(all, found.size(), looked_for.size()));
}

TEST(DoubtfulMessages, TheOldestGoWhereThereAreTooMany) {
  DoubtfulMessages messages(3, 1h);
  const auto all = add(messages, 5);
  EXPECT_EQ(messages.ids(), first(all, 2, 3));
}

TEST(DoubtfulMessages, AreLookedForOnceMoreWhenTheirTimeIsOver) {
  DoubtfulMessages messages(1000, 0ms);
  const auto all = add(messages, 600);
  const std::size_t at_once = messages.ids().size();
  ASSERT_GT(at_once, 0U);
  messages.settle({});
  EXPECT_EQ(messages.ids(), first(all, at_once, at_once));
}

}  // namespace
}  // namespace stoa::chat
