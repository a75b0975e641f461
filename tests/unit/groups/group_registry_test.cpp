// How long groups live, and how many there may be.
#include "features/groups/group_registry.hpp"

#include "features/groups/groups_codes.hpp"

#include <stoa/groups/groups_config.hpp>

#include <gtest/gtest.h>

namespace stoa::groups {
namespace {

using namespace std::chrono_literals;
using realtime::SessionId;

class Silence final : public realtime::Hub {
 public:
  void publish(std::vector<realtime::Publication>) override {}
  void send(SessionId, std::string_view, std::string) override {}
  void close(SessionId, realtime::CloseReason) override {}
  void evict(const realtime::Topic&, UserId) override {}
  void dissolve(const realtime::Topic&) override {}
  void close_user(UserId, realtime::CloseReason) override {}
  void close_sign_in(AuthSessionId, realtime::CloseReason) override {}
};

class Registry : public testing::Test {
 protected:
  GroupId create(std::uint64_t session) {
    return registry_.create({{0, session}, "Ada", {}}, "Algebra", now_).group_id;
  }
  Code join(GroupId group, std::uint64_t session) {
    try {
      registry_.join(group, {{0, session}, "Ben", {}}, now_);
      return Code::internal;
    } catch (const Error& error) {
      return error.code();
    }
  }

  Silence hub_;
  GroupsConfig config_{.max_groups = 2, .max_members = 2, .empty_ttl = 10s};
  GroupRegistry registry_{hub_, config_};
  GroupRegistry::Clock::time_point now_ = GroupRegistry::Clock::now();
};

TEST_F(Registry, AnEmptyGroupWaitsForItsTimeAndIsGone) {
  const GroupId group = create(1);
  registry_.leave({0, 1}, now_);
  now_ += 9s;
  EXPECT_EQ(registry_.find(group, now_)->member_count, 0);
  now_ += 1s;
  EXPECT_FALSE(registry_.find(group, now_));
  EXPECT_EQ(join(group, 2), kGroupNotFound);
}

TEST_F(Registry, SomebodyWhoComesBackInTimeKeepsIt) {
  const GroupId group = create(1);
  registry_.leave({0, 1}, now_);
  now_ += 9s;
  EXPECT_EQ(join(group, 2), Code::internal);
  now_ += 60s;
  EXPECT_EQ(registry_.find(group, now_)->member_count, 1);
  registry_.leave({0, 2}, now_);
  now_ += 9s;
  EXPECT_TRUE(registry_.find(group, now_));
  now_ += 1s;
  EXPECT_FALSE(registry_.find(group, now_));
}

TEST_F(Registry, GroupsAndTheirMembersAreBounded) {
  const GroupId group = create(1);
  EXPECT_EQ(join(group, 2), Code::internal);
  EXPECT_EQ(join(group, 3), kGroupFull);
  EXPECT_EQ(join(group, 2), Code::internal);  // in again
  create(4);
  EXPECT_THROW(create(5), Error);
  EXPECT_EQ(registry_.count(now_), 2u);
  registry_.leave({0, 4}, now_);
  now_ += 10s;
  create(5);
  EXPECT_EQ(registry_.count(now_), 2u);
  EXPECT_EQ(registry_.people(), 3u);
}

TEST_F(Registry, AnEmptyGroupGivesItsPlaceToWhoIsThere) {
  const GroupId first = create(1);
  const GroupId second = create(2);
  registry_.leave({0, 1}, now_);
  create(3);
  EXPECT_FALSE(registry_.find(first, now_));
  EXPECT_TRUE(registry_.find(second, now_));
  EXPECT_THROW(create(4), Error);
}

}  // namespace
}  // namespace stoa::groups
