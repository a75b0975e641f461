// Two nodes in one process, connected by a broker for tests: what passes between them, and what does not.
#include "bus.hpp"
#include "realtime/gateway_state.hpp"
#include "support.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace stoa::realtime::test {
namespace {

struct RoomOf {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(RoomOf, (), (room_id))

// What the clients of a node may do: listen, or not, and say so before the test goes on.
struct Listeners {
  std::mutex mutex;
  std::vector<SessionId> met;

  void join(SessionPtr session, RoomOf in) {
    session->subscribe(room_topic(in.room_id));
    const std::lock_guard lock(mutex);
    met.push_back(session->id());
  }
  void leave(SessionPtr session, RoomOf in) { session->unsubscribe(room_topic(in.room_id)); }
};

class NodesTest : public ::testing::Test {
 protected:
  NodesTest() {
    for (auto* node : {&a_, &b_}) {
      *node = std::make_unique<Node>([](Config& config) { config.server.shutdown_jitter = 0ms; },
                                     [this](Gateway&) {
                                       return Events{
                                           {"join", Who::signed_in, Limit::none, Order::serial,
                                            "Listen", on<&Listeners::join>(listeners_)},
                                           {"leave", Who::signed_in, Limit::none, Order::serial,
                                            "Listen no more", on<&Listeners::leave>(listeners_)},
                                       };
                                     },
                                     2, std::vector<SessionObserver*>(), bus_.make_broker());
    }
  }

  // A client that listens to the room, and its session.
  std::pair<WsClient, SessionId> join(Node& node, const std::string& who, std::size_t shard = 0) {
    WsClient client = node.connect(who, shard);
    ask(client, "join");
    const std::lock_guard lock(listeners_.mutex);
    return {std::move(client), listeners_.met.back()};
  }
  void ask(WsClient& client, const std::string& what) {
    client.send(what, "{\"roomId\":\"" + room_.str() + "\"}", "1");
    EXPECT_EQ(client.next("ack")["id"], 1);
  }
  void say(Node& node, std::int64_t seq, std::optional<SessionId> except = std::nullopt) {
    std::vector<Publication> one;
    one.push_back(Node::message(room_topic(room_), seq));
    one.back().except = except;
    node.hub().publish(std::move(one));
  }
  // The next message is this one.
  static void expect(WsClient& client, std::int64_t seq) {
    EXPECT_EQ(client.next("new_message")["payload"]["seq"], seq);
  }
  // Of what has been said so far.
  void hears_no_more(WsClient& client) {
    bus_.settle();
    client.send("leave", "{\"roomId\":\"" + room_.str() + "\"}", "1");
    EXPECT_EQ(client.next()["type"], "ack");
  }
  Node& a() { return *a_; }
  Node& b() { return *b_; }

  Bus bus_;
  Listeners listeners_;
  RoomId room_ = RoomId::make();
  std::unique_ptr<Node> a_, b_;
};

TEST_F(NodesTest, WhatOnePublishesIsHeardOnBothInOrder) {
  auto [here, its] = join(a(), "ada");
  auto [there, other] = join(b(), "ben", 1);
  for (int i = 1; i <= 200; ++i) say(a(), i);
  for (WsClient* client : {&here, &there}) {
    for (int i = 1; i <= 200; ++i) expect(*client, i);
  }
}

TEST_F(NodesTest, TheSendersOwnSessionIsLeftOutWhereverItIs) {
  auto [here, its] = join(a(), "ada");
  auto [there, other] = join(b(), "ben");
  say(b(), 1, its);
  say(b(), 2, other);
  say(b(), 3);
  expect(here, 2);
  expect(here, 3);
  expect(there, 1);
  expect(there, 3);
}

TEST_F(NodesTest, OneSessionIsFoundByTheNodeThatItNames) {
  auto [here, its] = join(a(), "ada");
  auto [there, other] = join(b(), "ben");
  // As each node counts, both are its first.
  ASSERT_EQ(its.number, other.number);
  ASSERT_NE(its, other);
  a().hub().send(other, "for_ben", "{}");
  b().hub().send(its, "for_ada", "{}");
  EXPECT_EQ(there.next()["type"], "for_ben");
  EXPECT_EQ(here.next()["type"], "for_ada");
  a().hub().close(other, kPolicyViolation);
  EXPECT_EQ(there.closed(), 1008);
  SessionId nobodys = its;
  nobodys.node = NodeId::make();
  a().hub().send(nobodys, "for_nobody", "{}");
  b().hub().close(nobodys, kPolicyViolation);
  say(b(), 1);
  EXPECT_EQ(here.next()["type"], "new_message");
}

TEST_F(NodesTest, EvictionTakesEffectOnBothInTheOrderOfPublishing) {
  auto [here, its] = join(a(), "ada");
  auto [there, other] = join(b(), "ada@phone");
  auto [ben, bens] = join(b(), "ben", 1);
  say(a(), 1);
  a().hub().evict(room_topic(room_), user_of("ada"));
  say(a(), 2);
  expect(ben, 1);
  expect(ben, 2);
  for (WsClient* client : {&here, &there}) {
    expect(*client, 1);
    hears_no_more(*client);
  }
}

TEST_F(NodesTest, ATopicIsDissolvedOnBoth) {
  auto [here, its] = join(a(), "ada");
  auto [there, other] = join(b(), "ben");
  say(b(), 1);
  b().hub().dissolve(room_topic(room_));
  say(b(), 2);
  for (WsClient* client : {&here, &there}) {
    expect(*client, 1);
    hears_no_more(*client);
  }
}

TEST_F(NodesTest, PeopleAndSignInsAreEndedOnBoth) {
  auto [here, its] = join(a(), "ada");
  auto [there, other] = join(b(), "ada@phone");
  auto [ben, bens] = join(b(), "ben");
  a().hub().close_sign_in(sign_in_of("ben"), kUnauthorized);
  EXPECT_EQ(ben.closed(), 4401);
  b().hub().close_user(user_of("ada"), kPolicyViolation);
  EXPECT_EQ(here.closed(), 1008);
  EXPECT_EQ(there.closed(), 1008);
}

TEST_F(NodesTest, NothingIsSentToANodeWithoutListeners) {
  auto [here, its] = join(a(), "ada");
  say(a(), 1);
  bus_.settle();
  EXPECT_EQ(bus_.delivered(b().gateway().node().id), 0U);
  // As long as one of two shards has a listener.
  auto [ben, bens] = join(b(), "ben", 0);
  auto [cleo, cleos] = join(b(), "cleo", 1);
  ask(ben, "leave");
  say(a(), 2);
  expect(cleo, 2);
  EXPECT_EQ(bus_.delivered(b().gateway().node().id), 1U);
  ask(cleo, "leave");
  say(a(), 3);
  bus_.settle();
  EXPECT_EQ(bus_.delivered(b().gateway().node().id), 1U);
  for (int i = 1; i <= 3; ++i) expect(here, i);
}

TEST_F(NodesTest, WhatIsPublishedWhileTheOnlyListenerIsLostIsKeptForIt) {
  const auto state = b().gateway().state();
  const std::vector<Topic> topics = {room_topic(room_)};
  const auto missed = [&] { return state->hub.log().since(1, topics)->publications.size(); };
  state->hub.keep_log();
  auto [ben, bens] = join(b(), "ben");
  say(a(), 1);
  expect(ben, 1);
  state->lost.put("pid", {"sid", user_of("ben"), bens, topics, {}}, Clock::now());
  ask(ben, "leave");
  say(a(), 2);
  bus_.settle();
  EXPECT_EQ(missed(), 1U);
  // It comes back, and does not listen for itself yet.
  auto lost = state->lost.take("pid", user_of("ben"), Clock::now());
  ASSERT_TRUE(lost.has_value());
  say(a(), 3);
  bus_.settle();
  EXPECT_EQ(missed(), 2U);
  lost.reset();
  say(a(), 4);
  bus_.settle();
  EXPECT_EQ(missed(), 2U);
}

TEST_F(NodesTest, WhoIsForgottenListensNoMore) {
  const auto state = b().gateway().state();
  const auto now = Clock::now();
  state->lost.put("pid", {"sid", user_of("ben"), {}, {room_topic(room_)}, {}}, now);
  say(a(), 1);
  bus_.settle();
  EXPECT_EQ(bus_.delivered(b().gateway().node().id), 1U);
  const auto later = now + 2 * b().config.socketio.recovery_window;
  EXPECT_FALSE(state->lost.take("pid", user_of("ben"), later).has_value());
  say(a(), 2);
  bus_.settle();
  EXPECT_EQ(bus_.delivered(b().gateway().node().id), 1U);
}

TEST_F(NodesTest, WhereSomethingWasLostClientsAreSentAwayAndResumeFromNothingOlder) {
  auto& hub = b().gateway().state()->hub;
  hub.keep_log();
  auto [ben, bens] = join(b(), "ben");
  say(a(), 1);
  expect(ben, 1);
  EXPECT_TRUE(hub.log().reaches(1));
  bus_.lose();
  say(a(), 2);
  bus_.find();
  ben.next("server_closing");
  EXPECT_EQ(ben.closed(), 1012);
  EXPECT_FALSE(hub.log().reaches(1));
  const std::vector<Topic> topics = {room_topic(room_)};
  const auto missed = hub.log().since(2, topics);
  ASSERT_TRUE(missed.has_value());
  EXPECT_TRUE(missed->publications.empty());
}

}  // namespace
}  // namespace stoa::realtime::test
