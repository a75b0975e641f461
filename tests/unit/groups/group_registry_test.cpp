// How long groups live, and how many there may be.
#include "features/groups/group_registry.hpp"

#include "../support/at_once.hpp"
#include "features/groups/groups_codes.hpp"

#include <stoa/groups/groups_config.hpp>

#include <gtest/gtest.h>

namespace stoa::groups {
namespace {

using namespace std::chrono_literals;
using realtime::SessionId;
using stoa::test::at_once;

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
    GroupRegistry::Newcomer who{{0, session}, "Ada", {}};
    return at_once(registry_.create(std::move(who), "Algebra")).group_id;
  }
  Code join(GroupId group, std::uint64_t session) {
    try {
      GroupRegistry::Newcomer who{{0, session}, "Ben", {}};
      at_once(registry_.join(group, std::move(who)));
      return Code::internal;
    } catch (const Error& error) {
      return error.code();
    }
  }

  Silence hub_;
  GroupsConfig config_{.max_groups = 2, .max_members = 2, .empty_ttl = 10s};
  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();
  std::unique_ptr<realtime::Roster> roster_ = realtime::make_local_roster([this] { return now_; });
  GroupRegistry registry_{hub_, *roster_, config_};
};

TEST_F(Registry, AnEmptyGroupWaitsForItsTimeAndIsGone) {
  const GroupId group = create(1);
  registry_.leave({0, 1});
  now_ += 9s;
  EXPECT_EQ(registry_.find(group)->member_count, 0);
  now_ += 1s;
  EXPECT_FALSE(registry_.find(group));
  EXPECT_EQ(join(group, 2), kGroupNotFound);
}

TEST_F(Registry, SomebodyWhoComesBackInTimeKeepsIt) {
  const GroupId group = create(1);
  registry_.leave({0, 1});
  now_ += 9s;
  EXPECT_EQ(join(group, 2), Code::internal);
  now_ += 60s;
  EXPECT_EQ(registry_.find(group)->member_count, 1);
  registry_.leave({0, 2});
  now_ += 9s;
  EXPECT_TRUE(registry_.find(group));
  now_ += 1s;
  EXPECT_FALSE(registry_.find(group));
}

TEST_F(Registry, GroupsAndTheirMembersAreBounded) {
  const GroupId group = create(1);
  EXPECT_EQ(join(group, 2), Code::internal);
  EXPECT_EQ(join(group, 3), kGroupFull);
  EXPECT_EQ(join(group, 2), Code::internal);  // in again
  create(4);
  EXPECT_THROW(create(5), Error);
  EXPECT_EQ(registry_.count(), 2u);
  registry_.leave({0, 4});
  now_ += 10s;
  create(5);
  EXPECT_EQ(registry_.count(), 2u);
  EXPECT_EQ(registry_.people(), 3u);
}

TEST_F(Registry, AnEmptyGroupGivesItsPlaceToWhoIsThere) {
  const GroupId first = create(1);
  const GroupId second = create(2);
  registry_.leave({0, 1});
  create(3);
  EXPECT_FALSE(registry_.find(first));
  EXPECT_TRUE(registry_.find(second));
  EXPECT_THROW(create(4), Error);
}

}  // namespace
}  // namespace stoa::groups
