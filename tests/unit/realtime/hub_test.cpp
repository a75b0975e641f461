// Who hears what, in which order; held subscriptions; eviction; readers that do not read.
#include "support.hpp"

#include <stoa/core/json.hpp>

#include <future>
#include <mutex>
#include <thread>

#include <boost/asio/post.hpp>

namespace stoa::realtime::test {
namespace {

struct RoomRef {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(RoomRef, (), (room_id))

struct Joined {
  std::int64_t seq;
};
BOOST_DESCRIBE_STRUCT(Joined, (), (seq))

struct JoinedInSecret : Joined {
  std::string secret;
};
BOOST_DESCRIBE_STRUCT(JoinedInSecret, (Joined), (secret))

constexpr Outgoing<Joined> kJoined{"joined", "Somebody came"};

// A room whose history is a counter: joining reads it while messages go on.
struct Rooms {
  Gateway* gateway = nullptr;
  std::atomic<std::int64_t> committed{0};
  std::function<void(RoomId)> while_held;
  bool fail = false;
  std::mutex mutex;
  SessionId last_joined;

  Joined join_held(SessionPtr session, RoomRef in) {
    const Topic topic = room_topic(in.room_id);
    session->subscribe_held(topic);
    if (while_held) while_held(in.room_id);
    if (fail) throw Error(Code::forbidden);
    const auto seen = committed.load();
    session->after_answer([session, topic, seen] { session->release(topic, seen); });
    return {seen};
  }
  void join(SessionPtr session, RoomRef in) {
    session->subscribe(room_topic(in.room_id));
    const std::lock_guard lock(mutex);
    last_joined = session->id();
  }
  void leave(SessionPtr session, RoomRef in) { session->unsubscribe(room_topic(in.room_id)); }

  // From the session's own shard, and then from elsewhere before the shard comes to anything else.
  void shout(SessionPtr, RoomRef in) {
    say(in.room_id);
    std::thread([this, in] { say(in.room_id); }).join();
  }

  // As one whose message was in a batch: the room is told, and once the shard is at that the answer follows.
  Task<> send_in_batch(SessionPtr, RoomRef in) {
    say(in.room_id);
    co_await asio::post(use_task);
    co_await asio::post(use_task);
  }

  void say(RoomId room) {
    std::vector<Publication> one;
    one.push_back(Node::message(room_topic(room), ++committed));
    gateway->hub().publish(std::move(one));
  }
};

class HubTest : public ::testing::Test {
 protected:
  Node& start(const std::function<void(Config&)>& change = {}, std::size_t shards = 1) {
    node_ = std::make_unique<Node>(
        change,
        [this](Gateway& gateway) {
          rooms_.gateway = &gateway;
          return Events{
              {"join", Who::signed_in, Limit::none, Order::serial, "Enter",
               on<&Rooms::join>(rooms_)},
              {"join_held", Who::signed_in, Limit::none, Order::serial, "Enter and read",
               on<&Rooms::join_held>(rooms_)},
              {"shout", Who::signed_in, Limit::none, Order::serial, "Say something twice",
               on<&Rooms::shout>(rooms_)},
              {"send_in_batch", Who::signed_in, Limit::none, Order::serial, "Say something",
               on<&Rooms::send_in_batch>(rooms_)},
              {"leave", Who::signed_in, Limit::none, Order::serial, "Leave",
               on<&Rooms::leave>(rooms_)},
          };
        },
        shards);
    return *node_;
  }
  std::string ref() const { return "{\"roomId\":\"" + room_.str() + "\"}"; }
  void join(WsClient& client, const std::string& how = "join") {
    client.send(how, ref(), "1");
    EXPECT_EQ(client.next("ack")["id"], 1);
  }

  // System calls that wrote, once all that was to be written has been.
  std::uint64_t writes() {
    node_->runtime().on_every_shard([](net::Shard&) {});
    return node_->gateway().stats().writes;
  }

  Rooms rooms_;
  RoomId room_ = RoomId::make();
  std::unique_ptr<Node> node_;
};

TEST_F(HubTest, EveryMemberHearsAllInOrder) {
  Node& node = start({}, 2);
  std::vector<WsClient> members;
  for (std::size_t i = 0; i < 6; ++i) {
    members.push_back(node.connect("m" + std::to_string(i), i % 2));
    join(members.back());
  }
  std::thread other([&] {
    for (int i = 0; i < 500; ++i) rooms_.say(room_);
  });
  other.join();
  for (auto& member : members) {
    for (int i = 1; i <= 500; ++i) {
      const Json message = member.next();
      ASSERT_EQ(message["type"], "new_message");
      ASSERT_EQ(message["payload"]["seq"], i);
      ASSERT_TRUE(message["timestamp"].is_number_integer());
    }
  }
  EXPECT_LT(node.gateway().stats().writes, 3000U);
}

TEST_F(HubTest, TheAnswerToABatchLeavesWithItsEvent) {
  Node& node = start();
  std::vector<WsClient> members;
  for (int i = 0; i < 5; ++i) {
    members.push_back(node.connect("m" + std::to_string(i)));
    join(members.back());
  }
  const auto before = writes();
  members[0].send("send_in_batch", ref(), "2");
  for (auto& member : members) EXPECT_EQ(member.next()["type"], "new_message");
  EXPECT_EQ(members[0].next()["type"], "ack");
  EXPECT_EQ(writes() - before, 5U);
}

TEST_F(HubTest, WhoIsNotSubscribedHearsNothingAndTheSenderCanBeLeftOut) {
  Node& node = start();
  WsClient in = node.connect("a");
  WsClient out = node.connect("b");
  join(in);
  rooms_.say(room_);
  rooms_.say(room_);
  EXPECT_EQ(in.next()["payload"]["seq"], 1);
  EXPECT_EQ(in.next()["payload"]["seq"], 2);
  in.send("leave", ref(), "2");
  EXPECT_EQ(in.next("ack")["id"], 2);
  rooms_.say(room_);
  in.send("leave", ref(), "3");
  EXPECT_EQ(in.next()["type"], "ack");
  out.send("leave", ref(), "3");
  EXPECT_EQ(out.next()["type"], "ack");
  EXPECT_EQ(node.gateway().stats().subscriptions, 2U);  // the users' own topics
}

TEST_F(HubTest, AHeldSubscriptionLosesDoublesAndReordersNothing) {
  Node& node = start();
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) {
      rooms_.say(room_);
      std::this_thread::sleep_for(50us);
    }
  });
  for (int round = 0; round < 30; ++round) {
    WsClient client = node.connect("reader");
    client.send("join_held", ref(), "1");
    const Json first = client.next();
    ASSERT_EQ(first["type"], "ack") << first;  // nothing with a seq comes before the history
    std::int64_t seen = first["payload"]["seq"].get<std::int64_t>();
    for (int i = 0; i < 20; ++i) {
      const Json message = client.next();
      ASSERT_EQ(message["payload"]["seq"], ++seen);
    }
  }
  stop = true;
  writer.join();
}

TEST_F(HubTest, WhatHasNoPlaceInTheSequenceIsNotHeld) {
  Node& node = start();
  rooms_.while_held = [&](RoomId room) {
    std::vector<Publication> two;
    two.push_back(Node::message(room_topic(room), 1));
    two.push_back(Node::message(room_topic(room), -7, false));
    node.hub().publish(std::move(two));
  };
  WsClient client = node.connect("reader");
  client.send("join_held", ref(), "1");
  EXPECT_EQ(client.next()["type"], "ack");
  std::vector<int> seqs{client.next()["payload"]["seq"].get<int>(),
                        client.next()["payload"]["seq"].get<int>()};
  std::sort(seqs.begin(), seqs.end());
  EXPECT_EQ(seqs, (std::vector<int>{-7, 1}));
}

TEST_F(HubTest, OfAPayloadThatHasMoreTheEventsOwnPartIsTold) {
  Node& node = start();
  WsClient client = node.connect("reader");
  join(client);
  node.hub().publish(room_topic(room_), kJoined, JoinedInSecret{{7}, "mine"});
  EXPECT_EQ(client.next("joined")["payload"], (Json{{"seq", 7}}));
}

TEST_F(HubTest, AHoldOfARefusedEventIsUndone) {
  Node& node = start();
  WsClient client = node.connect("reader");
  rooms_.fail = true;
  client.send("join_held", ref(), "1");
  EXPECT_EQ(client.next("error")["payload"]["code"], "FORBIDDEN");
  EXPECT_TRUE(eventually([&] { return node.gateway().stats().subscriptions == 1; }));
  rooms_.fail = false;
  join(client);
  rooms_.fail = true;
  client.send("join_held", ref(), "2");
  client.next("error");
  rooms_.say(room_);
  EXPECT_EQ(client.next()["payload"]["seq"], 1);
}

TEST_F(HubTest, AShardsOwnPublicationsKeepTheirPlaceAmongThoseOfOthers) {
  Node& node = start({}, 2);
  std::vector<WsClient> members;
  for (std::size_t i = 0; i < 4; ++i) {
    members.push_back(node.connect("m" + std::to_string(i), i % 2));
    join(members.back());
  }
  members[0].send("shout", ref());
  for (auto& member : members) {
    for (int i = 1; i <= 2; ++i) EXPECT_EQ(member.next("new_message")["payload"]["seq"], i);
  }
}

TEST_F(HubTest, EvictionTakesEffectInTheOrderOfPublishing) {
  Node& node = start({}, 2);
  WsClient a = node.connect("a", 0);
  WsClient a2 = node.connect("a@second", 1);
  WsClient b = node.connect("b", 1);
  for (WsClient* client : {&a, &a2, &b}) join(*client);
  rooms_.say(room_);
  node.hub().evict(room_topic(room_), user_of("a"));
  rooms_.say(room_);
  EXPECT_EQ(a.next()["payload"]["seq"], 1);
  EXPECT_EQ(a2.next()["payload"]["seq"], 1);
  EXPECT_EQ(b.next()["payload"]["seq"], 1);
  EXPECT_EQ(b.next()["payload"]["seq"], 2);
  for (WsClient* client : {&a, &a2}) {
    client->send("leave", ref(), "9");
    EXPECT_EQ(client->next()["type"], "ack");
  }
  node.hub().dissolve(room_topic(room_));
  rooms_.say(room_);
  b.send("leave", ref(), "9");
  EXPECT_EQ(b.next()["type"], "ack");
}

TEST_F(HubTest, TheUsersOwnTopicAndOneSession) {
  Node& node = start();
  WsClient a = node.connect("a");
  WsClient b = node.connect("b");
  std::vector<Publication> one;
  one.push_back({Topic::user(user_of("a")), "news", "{}", std::nullopt, std::nullopt});
  ASSERT_TRUE(eventually([&] { return node.gateway().stats().subscriptions == 2; }));
  node.hub().publish(std::move(one));
  EXPECT_EQ(a.next()["type"], "news");
  node.hub().close_user(user_of("a"), kGoingAway);
  EXPECT_EQ(a.closed(), 1001);
  node.hub().close_sign_in(sign_in_of("b"), kUnauthorized);
  EXPECT_EQ(b.closed(), 4401);
  a.shut();
  b.shut();
  EXPECT_TRUE(eventually([&] { return node.gateway().sessions() == 0; }));
}

TEST_F(HubTest, ASlowReaderIsClosedAndTheOthersGetEverything) {
  Node& node = start([](Config& config) { config.realtime.max_queue_bytes.bytes = 64 * 1024; });
  WsClient slow = node.connect("slow", 0, 4096);
  WsClient quick = node.connect("quick");
  join(slow);
  join(quick);
  const std::string content(4000, 'x');
  int sent = 0;
  std::thread writer([&] {
    while (node.gateway().stats().slow_readers == 0 && sent < 20000) {
      for (int i = 0; i < 4; ++i) {
        std::vector<Publication> one;
        one.push_back({room_topic(room_),
                       "new_message",
                       "{\"seq\":" + std::to_string(++sent) + ",\"content\":\"" + content + "\"}",
                       sent,
                       {}});
        node.hub().publish(std::move(one));
      }
      std::this_thread::sleep_for(200us);
    }
  });
  int seen = 0;
  while (node.gateway().stats().slow_readers == 0 && seen < 20000)
    ASSERT_EQ(quick.next()["payload"]["seq"], ++seen);
  // It has the linger's two seconds for that, however long the other one takes.
  auto closed = std::async(std::launch::async, [&slow] { return slow.closed(); });
  writer.join();
  while (seen < sent) ASSERT_EQ(quick.next()["payload"]["seq"], ++seen);
  EXPECT_EQ(node.gateway().stats().slow_readers, 1U);
  EXPECT_GT(node.gateway().stats().frames_dropped, 0U);
  EXPECT_EQ(closed.get(), 4008);
  slow.shut();
  EXPECT_TRUE(eventually([&] { return node.gateway().sessions() == 1; }));
}

TEST_F(HubTest, WhoIsFloodedByAnotherIsNotClosedAndHearsTheRest) {
  Node& node = start([](Config& config) { config.realtime.max_queue_bytes.bytes = 64 * 1024; });
  const auto enter = [&](WsClient& client) {
    join(client);
    const std::lock_guard lock(rooms_.mutex);
    return rooms_.last_joined;
  };
  WsClient victim = node.connect("victim", 0, 4096);
  WsClient flooder = node.connect("flooder");
  WsClient other = node.connect("other");
  const SessionId to = enter(victim), from_flooder = enter(flooder), from_other = enter(other);
  const auto relay = [&](std::string_view event, SessionId from, const char* who) {
    const std::string payload = "\"" + std::string(4000, 'x') + "\"";
    const auto sender = net::RateKey::of(user_of(who));
    node.hub().relay({to, event, payload, from, sender, "refused", "{}"});
  };
  auto refused = std::async(std::launch::async, [&] { return flooder.next("refused"); });
  while (refused.wait_for(200us) != std::future_status::ready) {
    relay("flood", from_flooder, "flooder");
  }
  relay("greeting", from_other, "other");
  EXPECT_EQ(victim.next("greeting")["type"], "greeting");
  relay("again", from_flooder, "flooder");
  EXPECT_EQ(victim.next("again")["type"], "again") << "once what waited has been read";
  EXPECT_EQ(node.gateway().stats().slow_readers, 0U);
}

TEST_F(HubTest, AReaderThatNeverReadsAgainIsGoneAfterTheLinger) {
  Node& node = start([](Config& config) { config.realtime.max_queue_bytes.bytes = 64 * 1024; });
  WsClient slow = node.connect("slow", 0, 4096);
  join(slow);
  const std::string payload = "{\"content\":\"" + std::string(60000, 'x') + "\"}";
  ASSERT_TRUE(eventually([&] {
    std::vector<Publication> one;
    one.push_back({room_topic(room_), "new_message", payload, {}, {}});
    node.hub().publish(std::move(one));
    return node.gateway().stats().slow_readers == 1;
  }));
  EXPECT_TRUE(eventually([&] { return node.gateway().sessions() == 0; }));
}

}  // namespace
}  // namespace stoa::realtime::test
