// Who is in which call: each pair agrees on who gives way, also when many come and go at once.
#include "features/calls/call_registry.hpp"

#include "../support/at_once.hpp"
#include "../support/roster_nodes.hpp"
#include "features/calls/calls_codes.hpp"

#include <stoa/core/json.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::calls {
namespace {

using realtime::SessionId;
using stoa::test::at_once;

using Told = std::vector<std::pair<std::string, Json>>;

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

  Told to(SessionId session) {
    const std::lock_guard lock(mutex_);
    return sent_[session];
  }

 private:
  std::mutex mutex_;
  std::map<SessionId, Told> sent_;
};

const CallRegistry::CountChanged kNobodyCounts = [](RoomId) {};

CallRegistry::Newcomer newcomer(std::uint64_t number, UserId user = UserId::make()) {
  return {SessionId{0, number}, user, "Somebody", {}};
}

CallRegistry::Newcomer by_join_room(std::uint64_t number, UserId user = UserId::make()) {
  return {SessionId{0, number}, user, "Somebody", {}, Words::peernet};
}

CallSeat join(CallRegistry& registry, RoomId room, CallRegistry::Newcomer who) {
  return at_once(registry.join(room, std::move(who)));
}

// What a session of shard 0 was told by the event.
std::vector<Json> told(Recorder& hub, std::uint64_t number, std::string_view by) {
  std::vector<Json> out;
  for (auto& [event, payload] : hub.to(SessionId{0, number})) {
    if (event == by) out.push_back(std::move(payload));
  }
  return out;
}

PeerId named_after(UserId user) {
  return {user.uuid};
}

// By what each was answered when it came, and told afterwards.
void expect_one_polite_peer_a_pair(const std::vector<CallSeat>& seats,
                                   const std::function<Told(std::uint64_t)>& told_to) {
  std::map<std::pair<PeerId, PeerId>, bool> polite;
  for (std::uint64_t i = 0; i < seats.size(); ++i) {
    for (const auto& peer : seats[i].peers) polite[{seats[i].peer_id, peer.peer_id}] = peer.polite;
    for (const auto& [event, payload] : told_to(i)) {
      ASSERT_EQ(event, "peer_joined");
      const auto id = PeerId::parse(payload["peer"]["peerId"].get<std::string>());
      const bool is_new =
          polite.emplace(std::pair(seats[i].peer_id, *id), payload["peer"]["polite"].get<bool>())
              .second;
      EXPECT_TRUE(is_new) << "told of in the answer and again";
    }
  }
  EXPECT_EQ(polite.size(), seats.size() * (seats.size() - 1));
  for (const auto& [pair, mine] : polite) {
    EXPECT_NE(mine, polite.at({pair.second, pair.first}));
  }
}

TEST(CallRegistry, EachPairHasOnePolitePeerWhateverTheOrder) {
  constexpr std::uint64_t kPeers = 16;
  Recorder hub;
  const auto roster = realtime::make_local_roster();
  CallRegistry registry(hub, *roster, {.max_peers = kPeers}, kNobodyCounts);
  const RoomId room = RoomId::make();
  std::vector<CallSeat> seats(kPeers);
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < kPeers; ++i) {
    threads.emplace_back([&, i] { seats[i] = join(registry, room, newcomer(i)); });
  }
  for (auto& thread : threads) thread.join();
  expect_one_polite_peer_a_pair(seats, [&](std::uint64_t i) { return hub.to(SessionId{0, i}); });
}

TEST(CallRegistry, EachPairHasOnePolitePeerAlsoOnTwoNodes) {
  constexpr std::uint64_t kPeers = 6;
  asio::io_context context;
  realtime::test::RosterCluster cluster(context, 2);
  Recorder hubs[2];
  std::vector<std::pair<int, RoomId>> counted;
  CallRegistry first(hubs[0], cluster.node(0), {.max_peers = kPeers},
                     [&](RoomId where) { counted.emplace_back(0, where); });
  CallRegistry second(hubs[1], cluster.node(1), {.max_peers = kPeers},
                      [&](RoomId where) { counted.emplace_back(1, where); });
  const RoomId room = RoomId::make();
  const auto node_of = [](std::uint64_t i) { return static_cast<std::uint32_t>(i % 2); };
  std::vector<std::future<CallSeat>> coming;
  for (std::uint64_t i = 0; i < kPeers; ++i) {
    CallRegistry& registry = node_of(i) == 0 ? first : second;
    auto who = newcomer(i);
    who.session.shard = node_of(i);
    coming.push_back(
        asio::co_spawn(context, registry.join(room, std::move(who)), asio::use_future));
  }
  cluster.settle();
  std::vector<CallSeat> seats;
  for (auto& seat : coming) seats.push_back(seat.get());
  const std::pair here{0, room}, there{1, room};
  EXPECT_EQ(std::count(counted.begin(), counted.end(), here), 3) << "by the node that they came to";
  EXPECT_EQ(std::count(counted.begin(), counted.end(), there), 3);
  EXPECT_EQ(first.people(room), kPeers);
  EXPECT_EQ(second.people(room), kPeers);
  expect_one_polite_peer_a_pair(
      seats, [&](std::uint64_t i) { return hubs[node_of(i)].to(SessionId{node_of(i), i}); });
}

TEST(CallRegistry, ComingBackIsNoSecondSeat) {
  Recorder hub;
  const auto roster = realtime::make_local_roster();
  CallRegistry registry(hub, *roster, {.max_peers = 2}, kNobodyCounts);
  const RoomId room = RoomId::make();
  const auto first = join(registry, room, newcomer(1));
  EXPECT_EQ(join(registry, room, newcomer(1)).peer_id, first.peer_id);
  join(registry, room, newcomer(2));
  EXPECT_THROW(join(registry, room, newcomer(3)), Error);
  EXPECT_TRUE(registry.leave(room, SessionId{0, 1}));
  EXPECT_FALSE(registry.leave(room, SessionId{0, 1}));
  EXPECT_NE(join(registry, room, newcomer(1)).peer_id, first.peer_id);
}

TEST(CallRegistry, APersonsOldestSeatOfACallGivesWayToOneTooMany) {
  Recorder hub;
  const auto roster = realtime::make_local_roster();
  CallRegistry registry(hub, *roster, {.max_peers = 3, .max_seats_per_user = 2}, kNobodyCounts);
  const RoomId room = RoomId::make();
  const UserId user = UserId::make();
  const auto first = join(registry, room, newcomer(1, user));
  const auto second = join(registry, room, newcomer(2, user));
  const auto other = join(registry, room, by_join_room(3));
  EXPECT_EQ(join(registry, room, newcomer(2, user)).peer_id, second.peer_id) << "it has its seat";
  join(registry, RoomId::make(), newcomer(4, user));
  EXPECT_TRUE(told(hub, 1, "removed_from_call").empty()) << "one in another call is none too many";

  const auto third = join(registry, room, newcomer(4, user));
  ASSERT_EQ(third.peers.size(), 2u) << "also where the call is full";
  EXPECT_EQ(third.peers[0].peer_id, second.peer_id);
  EXPECT_EQ(told(hub, 1, "removed_from_call"),
            (std::vector<Json>{{{"roomId", room.str()}, {"peerId", first.peer_id.str()}}}));
  EXPECT_TRUE(told(hub, 2, "removed_from_call").empty());
  const Json gone{{"roomId", room.str()}, {"peerId", first.peer_id.str()}};
  const Told to_second = hub.to(SessionId{0, 2});
  ASSERT_GE(to_second.size(), 2u);
  EXPECT_EQ(to_second[to_second.size() - 2], (Told::value_type{"peer_left", gone}));
  EXPECT_EQ(to_second.back().first, "peer_joined");
  const Json name = named_after(user).str();
  EXPECT_EQ(told(hub, 3, "user-disconnected"), std::vector{name});
  EXPECT_EQ(told(hub, 3, "user-connected").back(), name) << "a name of the person's is free again";

  EXPECT_FALSE(registry.leave(room, SessionId{0, 1}));
  EXPECT_THROW(join(registry, room, newcomer(5)), Error) << "for others it is full";
}

TEST(CallRegistry, OnTwoNodesTheOneOfTheOldestSeatTellsIt) {
  asio::io_context context;
  realtime::test::RosterCluster cluster(context, 2);
  Recorder hubs[2];
  const CallsConfig limits{.max_peers = 8, .max_seats_per_user = 1};
  CallRegistry first(hubs[0], cluster.node(0), limits, kNobodyCounts);
  CallRegistry second(hubs[1], cluster.node(1), limits, kNobodyCounts);
  const RoomId room = RoomId::make();
  const UserId user = UserId::make();
  const auto come = [&](CallRegistry& registry, std::uint32_t node, std::uint64_t number) {
    auto who = by_join_room(number, user);
    who.session.shard = node;
    auto coming = asio::co_spawn(context, registry.join(room, std::move(who)), asio::use_future);
    cluster.settle();
    return coming.get();
  };
  come(first, 0, 1);
  EXPECT_TRUE(come(second, 1, 2).peers.empty());
  EXPECT_EQ(first.peers(), 1u);
  const Told left = {
      {"removed_from_call", {{"roomId", room.str()}, {"peerId", named_after(user).str()}}}};
  EXPECT_EQ(hubs[0].to(SessionId{0, 1}), left);
  EXPECT_TRUE(hubs[1].to(SessionId{0, 1}).empty());
  EXPECT_TRUE(hubs[1].to(SessionId{1, 2}).empty());
}

TEST(CallRegistry, EvictionTakesAllDevicesAndOnlyTheRoomInQuestion) {
  Recorder hub;
  const auto roster = realtime::make_local_roster();
  std::vector<RoomId> counted;
  CallRegistry registry(hub, *roster, {.max_peers = 8},
                        [&](RoomId where) { counted.push_back(where); });
  const RoomId room = RoomId::make();
  const RoomId other = RoomId::make();
  const UserId user = UserId::make();
  join(registry, room, newcomer(1, user));
  join(registry, room, newcomer(2, user));
  join(registry, other, newcomer(1, user));
  const auto stays = join(registry, room, newcomer(3));
  EXPECT_EQ(registry.people(room), 2u) << "each once";
  counted.clear();
  registry.evict(room, user);
  EXPECT_EQ(counted, std::vector(2, room));
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
  const auto roster = realtime::make_local_roster();
  CallRegistry registry(hub, *roster, {.max_peers = 8}, kNobodyCounts);
  const RoomId room = RoomId::make();
  const RoomId other = RoomId::make();
  const auto a = join(registry, room, newcomer(1));
  const auto b = join(registry, room, newcomer(2));
  const auto c = join(registry, other, newcomer(3));
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
  const auto roster = realtime::make_local_roster();
  CallRegistry registry(hub, *roster, {.max_peers = 8}, kNobodyCounts);
  const RoomId room = RoomId::make();
  const UserId ann = UserId::make(), bob = UserId::make(), cid = UserId::make();
  join(registry, room, by_join_room(1, ann));
  const auto b = join(registry, room, newcomer(2, bob));
  const auto c = join(registry, room, by_join_room(3, cid));

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
  EXPECT_EQ(hub.to(SessionId{0, 1}), (Told{{"user-connected", bob.str()},
                                           {"user-connected", cid.str()},
                                           {"user-disconnected", bob.str()}}));
  ASSERT_EQ(hub.to(SessionId{0, 2}).size(), 1u) << "in the words of those who came by call_join";
  EXPECT_EQ(hub.to(SessionId{0, 2})[0].first, "peer_joined");
  EXPECT_EQ(hub.to(SessionId{0, 3}),
            (Told{{"user-connected", bob.str()}, {"user-disconnected", bob.str()}}))
      << "of whom it has to call, and not of those who call it";

  // Either name reaches a peer; each hears the sender's name as it knows it.
  const auto back = join(registry, room, newcomer(2, bob));
  EXPECT_EQ(registry.route(room, SessionId{0, 1}, named_after(bob)).to, (SessionId{0, 2}));
  EXPECT_EQ(registry.route(room, SessionId{0, 1}, named_after(bob)).from, a_of_b);
  EXPECT_EQ(registry.route(room, SessionId{0, 2}, named_after(cid)).from, named_after(bob));
  EXPECT_EQ(registry.route(room, SessionId{0, 2}, a_of_b).to, (SessionId{0, 1}));
  EXPECT_THROW(registry.route(room, SessionId{0, 1}, b.peer_id), Error) << "of a seat that is gone";
  EXPECT_NE(back.peer_id, b.peer_id);
}

TEST(CallRegistry, ASecondDeviceTakesNothingFromTheFirst) {
  Recorder hub;
  const auto roster = realtime::make_local_roster();
  CallRegistry registry(hub, *roster, {.max_peers = 8}, kNobodyCounts);
  const RoomId room = RoomId::make();
  const UserId ann = UserId::make();
  join(registry, room, by_join_room(9));
  join(registry, room, by_join_room(1, ann));
  const auto second = join(registry, room, by_join_room(2, ann));  // or back before 1 is found lost
  EXPECT_NE(second.peer_id, named_after(ann));
  EXPECT_EQ(second.peers[1].peer_id, named_after(ann));
  EXPECT_EQ(registry.route(room, SessionId{0, 9}, named_after(ann)).to, (SessionId{0, 1}));
  EXPECT_EQ(registry.route(room, SessionId{0, 9}, second.peer_id).to, (SessionId{0, 2}));
  EXPECT_EQ(registry.route(room, SessionId{0, 2}, named_after(ann)).to, (SessionId{0, 1}));
  registry.leave_all(SessionId{0, 1});
  EXPECT_EQ(join(registry, room, by_join_room(2, ann)).peer_id, second.peer_id) << "it stays";
  const auto third = join(registry, room, by_join_room(3, ann));
  EXPECT_EQ(third.peer_id, named_after(ann)) << "the name was free again";
  EXPECT_EQ(hub.to(SessionId{0, 9}), (Told{{"user-connected", ann.str()},
                                           {"user-connected", second.peer_id.str()},
                                           {"user-disconnected", ann.str()},
                                           {"user-connected", ann.str()}}));
}

}  // namespace
}  // namespace stoa::calls
