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
  static GroupRegistry::Newcomer somebody(std::uint64_t session,
                                          std::optional<UserId> user = std::nullopt) {
    const auto owner = user ? net::RateKey::of(*user)
                            : net::RateKey::of_address("203.0.113." + std::to_string(session));
    return {{0, session}, owner, user, "Ada", {}};
  }
  GroupId create(std::uint64_t session, std::optional<UserId> user = std::nullopt) {
    GroupRegistry::Newcomer who = somebody(session, user);
    return at_once(registry_.create(std::move(who), "Algebra")).group_id;
  }
  // Code::internal where nothing is refused.
  template <class Work>
  static Code refusal(const Work& work) {
    try {
      work();
      return Code::internal;
    } catch (const Error& error) {
      return error.code();
    }
  }
  Code join(GroupId group, std::uint64_t session, std::optional<std::string> peer_id = std::nullopt,
            std::optional<UserId> user = std::nullopt) {
    GroupRegistry::Newcomer who = somebody(session, user);
    who.peer_id = std::move(peer_id);
    return refusal([&] { at_once(registry_.join(group, std::move(who))); });
  }
  Code say(std::uint64_t session, const std::string& peer_id) {
    return refusal([&] { at_once(registry_.set_peer_id({0, session}, peer_id)); });
  }
  SessionId who_is_called(std::uint64_t by, const std::string& peer_id) {
    return registry_.route({0, by}, peer_id).to;
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

TEST_F(Registry, NobodyGetsTheCallsOfAnothersPeerId) {
  config_.max_members = 5;
  const UserId ben = UserId::make();
  const GroupId group = create(1);
  EXPECT_EQ(say(1, "ada"), Code::internal);
  EXPECT_EQ(join(group, 2, "ben", ben), Code::internal);
  EXPECT_EQ(join(group, 3, "ben"), kPeerIdTaken);
  EXPECT_EQ(join(group, 3, "ada"), kPeerIdTaken) << "no guest is known to be another";
  EXPECT_EQ(join(group, 3, "cat", UserId::make()), Code::internal);
  EXPECT_EQ(say(3, "ben"), kPeerIdTaken);
  EXPECT_EQ(say(3, "cat"), Code::internal);
  EXPECT_EQ(who_is_called(1, "ben"), (SessionId{0, 2}));
  EXPECT_EQ(join(create(9), 4, "ben"), Code::internal) << "another group";
}

TEST_F(Registry, APersonsNewConnectionTakesItsPeerIdOver) {
  const UserId ben = UserId::make();
  const GroupId group = create(1);
  EXPECT_EQ(say(1, "ada"), Code::internal);
  EXPECT_EQ(join(group, 2, "ben", ben), Code::internal);
  GroupRegistry::Newcomer again = somebody(3, ben);
  again.peer_id = "ben";
  const auto joined = at_once(registry_.join(group, std::move(again)));  // though the group is full
  EXPECT_EQ(joined.answer.user.username, "Ada-2") << "the name that the lost one had";
  EXPECT_EQ(joined.answer.members.size(), 1U);
  ASSERT_EQ(joined.peers.peers.size(), 1U);
  EXPECT_EQ(joined.peers.peers[0].peer_id, "ada");
  EXPECT_EQ(who_is_called(1, "ben"), (SessionId{0, 3}));
  EXPECT_EQ(registry_.find(group)->member_count, 2) << "the lost one is out";
  config_.max_members = 3;
  EXPECT_EQ(join(group, 4, {}, ben), Code::internal);
  EXPECT_EQ(at_once(registry_.set_peer_id({0, 4}, "ben")).peers.size(), 1U);
  EXPECT_EQ(who_is_called(1, "ben"), (SessionId{0, 4}));
  EXPECT_EQ(registry_.find(group)->member_count, 2);
}

TEST_F(Registry, WhatOnePersonOrAddressOpensIsBounded) {
  const GroupsConfig config{
      .max_groups = 100, .max_groups_per_user = 2, .max_groups_per_address = 3, .empty_ttl = 10s};
  const auto roster = realtime::make_local_roster([this] { return now_; });
  GroupRegistry registry(hub_, *roster, config);
  const UserId ada = UserId::make();
  const auto opens = [&](std::uint64_t session, std::optional<UserId> user) {
    return refusal([&] { at_once(registry.create(somebody(session, user), "Algebra")); });
  };
  for (int i = 0; i < 2; ++i) EXPECT_EQ(opens(1, ada), Code::internal);
  EXPECT_EQ(opens(1, ada), kTooManyGroups) << "the first is kept for a while";
  EXPECT_EQ(opens(2, ada), kTooManyGroups);
  EXPECT_EQ(opens(2, UserId::make()), Code::internal);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(opens(3, {}), Code::internal);
  EXPECT_EQ(opens(3, {}), kTooManyGroups);
  EXPECT_EQ(opens(4, {}), Code::internal) << "from another address";
  now_ += 10s;
  EXPECT_EQ(opens(1, ada), Code::internal);
}

}  // namespace
}  // namespace stoa::groups
