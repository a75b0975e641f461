// Which join over REST vouches for a socket without a token.
#include "features/calls/recent_joins.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace stoa::calls {
namespace {

using namespace std::chrono_literals;

Caller caller(UserId user, const std::string& address) {
  return {user, AuthSessionId::make(), std::make_shared<const Client>(Client{address, "", ""})};
}

TEST(RecentJoins, CountsForItsRoomItsPersonItsAddressAndItsTime) {
  RecentJoins joins(10, 10min);
  const auto room = RoomId::make();
  const auto ada = caller(UserId::make(), "192.0.2.1");
  const RecentJoins::Clock::time_point start{};
  joins.note(room, ada, start);
  EXPECT_EQ(joins.find(room, ada.user, "192.0.2.1", start + 10min), ada.session);
  EXPECT_FALSE(joins.find(room, ada.user, "192.0.2.2", start));
  EXPECT_FALSE(joins.find(RoomId::make(), ada.user, "192.0.2.1", start));
  EXPECT_FALSE(joins.find(room, UserId::make(), "192.0.2.1", start));
  EXPECT_FALSE(joins.find(room, ada.user, "192.0.2.1", start + 10min + 1ms));
}

TEST(RecentJoins, TheLastOneOfAPersonCounts) {
  RecentJoins joins(10, 10min);
  const auto room = RoomId::make();
  const auto user = UserId::make();
  joins.note(room, caller(user, "192.0.2.1"));
  const auto elsewhere = caller(user, "192.0.2.2");
  joins.note(room, elsewhere);
  EXPECT_FALSE(joins.find(room, user, "192.0.2.1"));
  EXPECT_EQ(joins.find(room, user, "192.0.2.2"), elsewhere.session);
}

TEST(RecentJoins, KeepsNoMoreThanItMay) {
  RecentJoins joins(2, 10min);
  const auto room = RoomId::make();
  const UserId users[] = {UserId::make(), UserId::make(), UserId::make()};
  for (const auto user : users) joins.note(room, caller(user, "192.0.2.1"));
  EXPECT_FALSE(joins.find(room, users[0], "192.0.2.1"));
  EXPECT_TRUE(joins.find(room, users[2], "192.0.2.1"));
}

}  // namespace
}  // namespace stoa::calls
