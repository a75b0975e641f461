// Who is in which call: each pair agrees on who gives way, also when many come and go at once.
#include "features/calls/call_registry.hpp"

#include "features/calls/calls_codes.hpp"

#include <stoa/core/json.hpp>

#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::calls {
namespace {

using realtime::SessionId;

// Keeps what was sent to whom.
class Recorder final : public realtime::Hub {
 public:
  void publish(std::vector<realtime::Publication>) override {}
  void send(SessionId to, std::string_view event, std::string payload) override {
    const std::lock_guard lock(mutex_);
    sent_[to].emplace_back(event, Json::parse(payload));
  }
  void close(SessionId, realtime::CloseReason) override {}
  void evict(const realtime::Topic&, UserId) override {}
  void dissolve(const realtime::Topic&) override {}
  void close_user(UserId, realtime::CloseReason) override {}
  void close_sign_in(AuthSessionId, realtime::CloseReason) override {}

  std::vector<std::pair<std::string, Json>> to(SessionId session) {
    const std::lock_guard lock(mutex_);
    return sent_[session];
  }

 private:
  std::mutex mutex_;
  std::map<SessionId, std::vector<std::pair<std::string, Json>>> sent_;
};

CallRegistry::Newcomer newcomer(std::uint64_t number, UserId user = UserId::make()) {
  return {SessionId{0, number}, user, "Somebody", {}};
}

CallRegistry::Newcomer by_join_room(std::uint64_t number, UserId user = UserId::make()) {
  return {SessionId{0, number}, user, "Somebody", {}, CallRegistry::Words::peernet};
}

PeerId named_after(UserId user) {
  return {user.uuid};
}

TEST(CallRegistry, EachPairHasOnePolitePeerWhateverTheOrder) {
  constexpr std::uint64_t kPeers = 16;
  Recorder hub;
  CallRegistry registry(hub, kPeers);
  const RoomId room = RoomId::make();
  std::vector<CallSeat> seats(kPeers);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < kPeers; ++i) {
    threads.emplace_back([&, i] { seats[i] = registry.join(room, newcomer(i)); });
  }
  for (auto& thread : threads) thread.join();

  std::map<std::pair<PeerId, PeerId>, bool> polite;
  for (std::uint64_t i = 0; i < kPeers; ++i) {
    for (const auto& peer : seats[i].peers) polite[{seats[i].peer_id, peer.peer_id}] = peer.polite;
    for (const auto& [event, payload] : hub.to(SessionId{0, i})) {
      ASSERT_EQ(event, "peer_joined");
      const auto id = PeerId::parse(payload["peer"]["peerId"].get<std::string>());
      const bool is_new =
          polite.emplace(std::pair(seats[i].peer_id, *id), payload["peer"]["polite"].get<bool>())
              .second;
      EXPECT_TRUE(is_new) << "told of in the answer and again";
    }
  }
  EXPECT_EQ(polite.size(), kPeers * (kPeers - 1));
  for (const auto& [pair, mine] : polite) {
    EXPECT_NE(mine, polite.at({pair.second, pair.first}));
  }
}

TEST(CallRegistry, ComingBackIsNoSecondSeat) {
  Recorder hub;
  CallRegistry registry(hub, 2);
  const RoomId room = RoomId::make();
  const auto first = registry.join(room, newcomer(1));
  EXPECT_EQ(registry.join(room, newcomer(1)).peer_id, first.peer_id);
  registry.join(room, newcomer(2));
  EXPECT_THROW(registry.join(room, newcomer(3)), Error);
  EXPECT_TRUE(registry.leave(room, SessionId{0, 1}));
  EXPECT_FALSE(registry.leave(room, SessionId{0, 1}));
  EXPECT_NE(registry.join(room, newcomer(1)).peer_id, first.peer_id);
}

TEST(CallRegistry, EvictionTakesAllDevicesAndOnlyTheRoomInQuestion) {
  Recorder hub;
  CallRegistry registry(hub, 8);
  const RoomId room = RoomId::make();
  const RoomId other = RoomId::make();
  const UserId user = UserId::make();
  registry.join(room, newcomer(1, user));
  registry.join(room, newcomer(2, user));
  registry.join(other, newcomer(1, user));
  const auto stays = registry.join(room, newcomer(3));
  registry.evict(room, user);
  EXPECT_EQ(registry.peers(), 2u);
  EXPECT_EQ(registry.calls(), 2u);
  std::size_t left = 0;
  for (const auto& [event, payload] : hub.to(SessionId{0, 3})) left += event == "peer_left";
  EXPECT_EQ(left, 2u);
  EXPECT_THROW(registry.route(room, SessionId{0, 1}, stays.peer_id), Error);
  registry.leave_all(SessionId{0, 1});
  EXPECT_EQ(registry.calls(), 1u);
  registry.dissolve(room);
  EXPECT_EQ(registry.calls(), 0u);
  registry.leave_all(SessionId{0, 3});
}

TEST(CallRegistry, RoutesOnlyWithinTheCall) {
  Recorder hub;
  CallRegistry registry(hub, 8);
  const RoomId room = RoomId::make();
  const RoomId other = RoomId::make();
  const auto a = registry.join(room, newcomer(1));
  const auto b = registry.join(room, newcomer(2));
  const auto c = registry.join(other, newcomer(3));
  const auto route = registry.route(room, SessionId{0, 1}, b.peer_id);
  EXPECT_EQ(route.from, a.peer_id);
  EXPECT_EQ(route.to, (SessionId{0, 2}));
  const auto code = [&](RoomId where, std::uint64_t from, PeerId to) {
    try {
      registry.route(where, SessionId{0, from}, to);
    } catch (const Error& error) {
      return error.code();
    }
    return Code::internal;
  };
  EXPECT_EQ(code(room, 3, a.peer_id), kNotInCall);
  EXPECT_EQ(code(other, 3, a.peer_id), Code::peer_not_found);
  EXPECT_EQ(code(room, 1, a.peer_id), Code::peer_not_found) << "oneself";
  EXPECT_EQ(code(RoomId::make(), 1, c.peer_id), kNotInCall);
}

TEST(CallRegistry, PeerNetsPeersKnowOthersByTheirUsers) {
  Recorder hub;
  CallRegistry registry(hub, 8);
  const RoomId room = RoomId::make();
  const UserId ann = UserId::make(), bob = UserId::make(), cid = UserId::make();
  registry.join(room, by_join_room(1, ann));
  const auto b = registry.join(room, newcomer(2, bob));
  const auto c = registry.join(room, by_join_room(3, cid));

  EXPECT_EQ(c.peer_id, named_after(cid));
  ASSERT_EQ(c.peers.size(), 2u);
  EXPECT_EQ(c.peers[0].peer_id, named_after(ann));
  EXPECT_EQ(c.peers[1].peer_id, named_after(bob));
  EXPECT_NE(b.peer_id, named_after(bob));
  ASSERT_EQ(b.peers.size(), 1u);
  const PeerId a_of_b = b.peers[0].peer_id;
  EXPECT_NE(a_of_b, named_after(ann));
  EXPECT_TRUE(b.peers[0].initiates);
  EXPECT_FALSE(c.peers[1].initiates);

  registry.leave(room, SessionId{0, 2});
  using Told = std::vector<std::pair<std::string, Json>>;
  EXPECT_EQ(hub.to(SessionId{0, 1}), (Told{{"user-connected", bob.str()},
                                           {"user-connected", cid.str()},
                                           {"user-disconnected", bob.str()}}));
  ASSERT_EQ(hub.to(SessionId{0, 2}).size(), 1u) << "in the words of those who came by call_join";
  EXPECT_EQ(hub.to(SessionId{0, 2})[0].first, "peer_joined");
  EXPECT_EQ(hub.to(SessionId{0, 3}),
            (Told{{"user-connected", bob.str()}, {"user-disconnected", bob.str()}}))
      << "of whom it has to call, and not of those who call it";

  // Either name reaches a peer; each hears the sender's name as it knows it.
  const auto back = registry.join(room, newcomer(2, bob));
  EXPECT_EQ(registry.route(room, SessionId{0, 1}, named_after(bob)).to, (SessionId{0, 2}));
  EXPECT_EQ(registry.route(room, SessionId{0, 1}, named_after(bob)).from, a_of_b);
  EXPECT_EQ(registry.route(room, SessionId{0, 2}, named_after(cid)).from, named_after(bob));
  EXPECT_EQ(registry.route(room, SessionId{0, 2}, a_of_b).to, (SessionId{0, 1}));
  EXPECT_THROW(registry.route(room, SessionId{0, 1}, b.peer_id), Error) << "of a seat that is gone";
  EXPECT_NE(back.peer_id, b.peer_id);
}

TEST(CallRegistry, ASecondDeviceTakesNothingFromTheFirst) {
  Recorder hub;
  CallRegistry registry(hub, 8);
  const RoomId room = RoomId::make();
  const UserId ann = UserId::make();
  registry.join(room, by_join_room(9));
  registry.join(room, by_join_room(1, ann));
  const auto second = registry.join(room, by_join_room(2, ann));  // or back before 1 is found lost
  EXPECT_NE(second.peer_id, named_after(ann));
  EXPECT_EQ(second.peers[1].peer_id, named_after(ann));
  EXPECT_EQ(registry.route(room, SessionId{0, 9}, named_after(ann)).to, (SessionId{0, 1}));
  EXPECT_EQ(registry.route(room, SessionId{0, 9}, second.peer_id).to, (SessionId{0, 2}));
  EXPECT_EQ(registry.route(room, SessionId{0, 2}, named_after(ann)).to, (SessionId{0, 1}));
  registry.leave_all(SessionId{0, 1});
  EXPECT_EQ(registry.join(room, by_join_room(2, ann)).peer_id, second.peer_id) << "it stays";
  const auto third = registry.join(room, by_join_room(3, ann));
  EXPECT_EQ(third.peer_id, named_after(ann)) << "the name was free again";
  using Told = std::vector<std::pair<std::string, Json>>;
  EXPECT_EQ(hub.to(SessionId{0, 9}), (Told{{"user-connected", ann.str()},
                                           {"user-connected", second.peer_id.str()},
                                           {"user-disconnected", ann.str()},
                                           {"user-connected", ann.str()}}));
}

}  // namespace
}  // namespace stoa::calls
