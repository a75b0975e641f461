// Who has which id, what waits for whom and how long, and what all that may take.
#include "features/peerserver/peer_registry.hpp"

#include "../support/at_once.hpp"

#include <stoa/peerserver/peerserver_config.hpp>

#include <thread>

#include <gtest/gtest.h>

namespace stoa::peerserver {
namespace {

using namespace std::chrono_literals;
using Verdict = PeerRegistry::Verdict;
using stoa::test::at_once;

class Registry : public testing::Test {
 protected:
  using SessionId = realtime::SessionId;

  Verdict claim(const std::string& id, std::uint64_t session, const std::string& token = "t",
                std::optional<UserId> owner = std::nullopt) {
    last_ = at_once(registry_.claim({{0, session}, id, token, owner}, now_));
    waiting_.clear();
    if (last_.verdict == Verdict::open) waiting_ = registry_.take_waiting(id);
    return last_.verdict;
  }
  // "session<-TYPE src>dst payload" of what is delivered, or nothing.
  std::string send(std::uint64_t session, const std::string& to, const std::string& payload = "1",
                   std::string_view type = kOffer) {
    const auto delivery = registry_.relay({0, session}, from_, {type, "forged", to, payload}, now_);
    return delivery ? show(*delivery) : "";
  }
  static std::string show(const Message& message) {
    std::string out(message.type);
    out += " " + message.src + ">" + message.dst;
    return message.payload.empty() ? out : out + " " + message.payload;
  }
  static std::string show(const Delivery& delivery) {
    return std::to_string(delivery.to.number) + "<-" + show(delivery.message);
  }
  std::vector<std::string> expired() {
    std::vector<std::string> out;
    for (const auto& delivery : registry_.due(now_).expired) out.push_back(show(delivery));
    return out;
  }
  std::vector<std::string> waiting() const {
    std::vector<std::string> out;
    for (const auto& message : waiting_) out.push_back(show(message));
    return out;
  }

  PeerServerConfig config_{.concurrent_limit = 4,
                           .expire_timeout = 5s,
                           .alive_timeout = 90s,
                           .max_queue_messages = 3,
                           .max_queue_bytes = {10000},
                           .max_queues_messages = 5,
                           .max_queues_bytes = {20000}};
  std::unique_ptr<realtime::Roster> roster_ = realtime::make_local_roster();
  PeerRegistry registry_{*roster_, config_};
  net::RateKey from_ = net::RateKey::of_address("203.0.113.1");  // who sends
  PeerRegistry::Claim last_;
  std::vector<Message> waiting_;  // for the id, when it was claimed last
  PeerRegistry::Clock::time_point now_ = PeerRegistry::Clock::now();
};

TEST_F(Registry, AnIdIsItsTokensUntilItIsGivenBack) {
  EXPECT_EQ(claim("ada", 1), Verdict::open);
  EXPECT_FALSE(last_.replaced);
  EXPECT_EQ(claim("ada", 2, "other"), Verdict::taken);
  EXPECT_EQ(claim("ada", 3), Verdict::open);
  EXPECT_EQ(last_.replaced, (SessionId{0, 1}));
  EXPECT_FALSE(registry_.leave({0, 1})) << "the one that was replaced takes nothing away";
  EXPECT_TRUE(registry_.has("ada"));
  EXPECT_TRUE(registry_.leave({0, 3}));
  EXPECT_FALSE(registry_.leave({0, 3}));
  EXPECT_EQ(claim("ada", 4, "other"), Verdict::open);
}

TEST_F(Registry, AnAccountsIdIsThatAccounts) {
  const UserId ada = UserId::make(), ben = UserId::make();
  EXPECT_EQ(claim("id", 1, "t", ada), Verdict::open);
  EXPECT_EQ(claim("id", 2, "t", ben), Verdict::taken);
  EXPECT_EQ(claim("id", 3, "t"), Verdict::taken);
  EXPECT_EQ(claim("id", 4, "t", ada), Verdict::open);
}

TEST_F(Registry, ThereAreAsManyAsMayBe) {
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(claim("id" + std::to_string(i), 1), Verdict::open);
  EXPECT_EQ(claim("id5", 5), Verdict::full);
  EXPECT_EQ(claim("id4", 5, "other"), Verdict::taken);
  EXPECT_EQ(registry_.size(), 4u);
}

TEST_F(Registry, TheSenderIsWhoseSocketItIs) {
  claim("ada", 1);
  claim("ben", 2);
  EXPECT_EQ(send(1, "ben"), "2<-OFFER ada>ben 1");
  EXPECT_EQ(send(1, "ada", "", kLeave), "1<-LEAVE ada>ada");
  EXPECT_EQ(send(3, "ben"), "") << "who has no id is not heard";
  registry_.leave({0, 1});
  EXPECT_EQ(send(1, "ben"), "");
}

TEST_F(Registry, WhatWaitsComesInItsOrderAndOnce) {
  claim("ada", 1);
  for (const auto type : {kOffer, kCandidate, kLeave, kExpire, kAnswer})
    EXPECT_EQ(send(1, "ben", "1", type), "");
  claim("ben", 2);
  EXPECT_EQ(waiting(), (std::vector<std::string>{"OFFER ada>ben 1", "CANDIDATE ada>ben 1",
                                                 "ANSWER ada>ben 1"}));
  EXPECT_EQ(registry_.waiting_messages(), 0u);
  EXPECT_EQ(registry_.waiting_bytes(), 0u);
  claim("ben", 3);
  EXPECT_TRUE(waiting().empty());
  now_ += 1h;
  EXPECT_TRUE(expired().empty());
}

TEST_F(Registry, WhatWaitsExpiresWhereItsReceiverIsGoneAgain) {
  claim("ada", 1);
  EXPECT_EQ(send(1, "ben"), "");
  // Its socket has closed before it was told that it has the id.
  EXPECT_EQ(at_once(registry_.claim({{0, 2}, "ben", "t", {}}, now_)).verdict, Verdict::open);
  registry_.leave({0, 2});
  EXPECT_EQ(registry_.waiting_messages(), 1u);
  now_ += 5s;
  EXPECT_EQ(expired(), (std::vector<std::string>{"1<-EXPIRE ben>ada"}));
}

TEST_F(Registry, NothingWaitsForWhatIsNoId) {
  claim("ada", 1);
  const std::string endless(config_.max_id_bytes + 1, 'x');
  EXPECT_EQ(send(1, endless), "1<-EXPIRE " + endless + ">ada");
  EXPECT_EQ(send(1, "--"), "1<-EXPIRE -->ada");
  EXPECT_EQ(send(1, std::string(config_.max_id_bytes, 'x')), "");
}

TEST_F(Registry, EachSenderHearsOnceThatNobodyIsThere) {
  claim("ada", 1);
  claim("ben", 2);
  send(1, "nobody");
  now_ += 4s;
  send(1, "nobody");
  send(2, "nobody");
  send(1, "else");
  EXPECT_TRUE(expired().empty());
  now_ += 1s;
  EXPECT_EQ(expired(), (std::vector<std::string>{"1<-EXPIRE nobody>ada", "2<-EXPIRE nobody>ben"}));
  EXPECT_TRUE(expired().empty());
  now_ += 4s;
  EXPECT_EQ(expired(), (std::vector<std::string>{"1<-EXPIRE else>ada"}));
  EXPECT_EQ(registry_.waiting_bytes(), 0u);
}

TEST_F(Registry, WhoIsBackHearsOfIt) {
  claim("ada", 1);
  send(1, "nobody");
  registry_.leave({0, 1});
  send(1, "nobody");
  claim("ada", 2, "another token");
  now_ += 5s;
  EXPECT_EQ(expired(), (std::vector<std::string>{"2<-EXPIRE nobody>ada"}));
  send(2, "nobody");
  registry_.leave({0, 2});
  now_ += 5s;
  const auto due = registry_.due(now_);
  EXPECT_TRUE(due.expired.empty());
  EXPECT_TRUE(due.idle);
}

TEST_F(Registry, OneIdOneSenderAndAllTogetherHaveTheirBounds) {
  claim("ada", 1);
  claim("ben", 2);
  claim("cleo", 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(1, "x"), "");
  EXPECT_EQ(send(2, "x"), "2<-EXPIRE x>ben") << "the id's";
  EXPECT_EQ(send(1, "y"), "1<-EXPIRE y>ada") << "the sender's";
  EXPECT_EQ(send(2, "y"), "");
  EXPECT_EQ(send(3, "z"), "");
  EXPECT_EQ(send(3, "y"), "3<-EXPIRE y>cleo") << "all together";
  EXPECT_EQ(registry_.waiting_messages(), 5u);
  claim("x", 4);
  EXPECT_EQ(send(1, "y"), "");
  now_ += 5s;
  registry_.due(now_);
  EXPECT_EQ(registry_.waiting_messages(), 0u);
}

TEST_F(Registry, OneAddressLeavesRoomForOthersWhateverIdsItHas) {
  config_.max_client_messages = 3;
  config_.max_client_bytes = {10000};
  roster_ = realtime::make_local_roster();
  PeerRegistry registry(*roster_, config_);
  const auto elsewhere = net::RateKey::of_address("203.0.113.2");
  for (std::uint64_t i = 1; i <= 3; ++i) {
    at_once(registry.claim({{0, i}, "id" + std::to_string(i), "t", {}}, now_));
  }
  const auto waits = [&](std::uint64_t session, const net::RateKey& sender, const std::string& to,
                         const std::string& payload) {
    return !registry.relay({0, session}, sender, {kOffer, {}, to, payload}, now_);
  };
  EXPECT_TRUE(waits(1, from_, "x", "1"));
  EXPECT_TRUE(waits(1, from_, "y", "1"));
  EXPECT_TRUE(waits(2, from_, "x", "1"));
  EXPECT_FALSE(waits(2, from_, "y", "1"));
  EXPECT_TRUE(waits(3, elsewhere, "y", "1"));
  registry.take_waiting("x");
  EXPECT_FALSE(waits(2, from_, "z", std::string(9900, 'x')));
  EXPECT_TRUE(waits(2, from_, "z", "1"));
  registry.due(now_ + 5s);
  EXPECT_EQ(registry.waiting_messages(), 0u);
}

TEST_F(Registry, BytesCountAsWell) {
  claim("ada", 1);
  claim("ben", 2);
  claim("cleo", 3);
  const std::string large(9000, 'x');
  EXPECT_EQ(send(1, "x", large), "");
  EXPECT_NE(send(1, "y", large), "");
  EXPECT_NE(send(2, "x", large), "");
  EXPECT_EQ(send(2, "y", large), "");
  EXPECT_NE(send(3, "z", large), "");
  EXPECT_LE(registry_.waiting_bytes(), 20000u);
}

TEST_F(Registry, SaysWhenTheNextIsDue) {
  EXPECT_EQ(registry_.due(now_).next, PeerRegistry::Clock::time_point::max());
  claim("ada", 1);
  EXPECT_EQ(registry_.due(now_).next, now_ + 90s);
  now_ += 10s;
  registry_.heartbeat({0, 1}, now_);
  EXPECT_EQ(registry_.due(now_).next, now_ + 90s);
  send(1, "nobody");
  now_ += 1s;
  send(1, "nobody");
  EXPECT_EQ(registry_.due(now_).next, now_ + 4s);
}

TEST_F(Registry, SilenceEndsAnId) {
  claim("ada", 1);
  claim("ben", 2);
  now_ += 60s;
  registry_.heartbeat({0, 2}, now_);
  registry_.heartbeat({0, 9}, now_);
  now_ += 30s;
  EXPECT_EQ(registry_.due(now_).silent, (std::vector<SessionId>{{0, 1}}));
  EXPECT_EQ(registry_.ids(), std::vector<std::string>{"ben"});
  EXPECT_TRUE(registry_.due(now_).silent.empty());
  EXPECT_EQ(claim("ada", 3, "other"), Verdict::open);
}

TEST_F(Registry, ManyThreadsKeepItsAccounts) {
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (std::uint64_t i = 0; i < 500; ++i) {
        const SessionId session{0, t * 1000 + i};
        at_once(registry_.claim({session, "id" + std::to_string(i % 7), "t", {}}, now_));
        registry_.relay(session, from_, {kOffer, {}, "id" + std::to_string(i % 9), "1"}, now_);
        registry_.due(now_ + 5s);
        registry_.leave(session);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  registry_.due(now_ + 1h);
  EXPECT_EQ(registry_.waiting_messages(), 0u);
  EXPECT_EQ(registry_.waiting_bytes(), 0u);
  EXPECT_TRUE(registry_.due(now_ + 1h).idle);
}

TEST(PeerIds, AreWhatPeerJsTakes) {
  for (const auto* id : {"a", "7", "a b", "a-b_c d9", "constructor"})
    EXPECT_TRUE(is_peer_id(id)) << id;
  for (const auto* id :
       {"", " ", "a ", "-a", "a--b", "a_ b", "__proto__", "a.b", "../a", "a/b", "\xc3\xa9"}) {
    EXPECT_FALSE(is_peer_id(id)) << id;
  }
  EXPECT_FALSE(is_peer_id(std::string_view("a\0b", 3)));
  const std::string id = make_peer_id();
  EXPECT_TRUE(is_peer_id(id));
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(id, make_peer_id());
}

TEST(Members, AreJson) {
  EXPECT_EQ(members_of({kOffer, "a", "b\"\n", "[1]"}),
            R"({"src":"a","dst":"b\"\n","payload":[1]})");
  EXPECT_EQ(members_of({kExpire, "a", "b", {}}), R"({"src":"a","dst":"b"})");
}

}  // namespace
}  // namespace stoa::peerserver
