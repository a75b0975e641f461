// The way of an event: table, who may, turn, answer, errors, rate.
#include "support.hpp"

#include <stoa/core/json.hpp>

#include <future>
#include <mutex>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>

namespace stoa::realtime::test {
namespace {

constexpr Code kRoomFull{"ROOM_FULL", 409, "The room is full"};

struct Step {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Step, (), (name))

// Handlers that wait until the test lets them go on.
struct Steps {
  std::mutex mutex;
  std::vector<std::string> log;
  std::map<std::string, bool> gates;

  void note(const std::string& what) {
    const std::lock_guard lock(mutex);
    log.push_back(what);
  }
  std::vector<std::string> seen() {
    const std::lock_guard lock(mutex);
    return log;
  }
  void let(const std::string& name) {
    const std::lock_guard lock(mutex);
    gates[name] = true;
  }
  bool may_go(const std::string& name) {
    const std::lock_guard lock(mutex);
    return gates[name];
  }

  Task<Step> wait(SessionPtr session, Step in) {
    note("+" + in.name);
    const auto executor = co_await asio::this_coro::executor;
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Executor>
        timer(executor);
    while (!may_go(in.name)) {
      timer.expires_after(1ms);
      co_await timer.async_wait(use_task);
    }
    note("-" + in.name);
    session->after_answer([session] { session->send("after", "{}"); });
    co_return in;
  }
  Step echo(SessionPtr, Step in) { return in; }
  Step whoami(Caller caller, Empty) { return {caller.user.str()}; }
  void quiet(SessionPtr, Empty) {}
  void refuse(SessionPtr, Empty) {
    throw Error(kRoomFull, "It is full", {{"limit", 8}}).retry_after(std::chrono::seconds(3));
  }
  void burst(SessionPtr, Empty) { throw std::runtime_error("a secret of the inside"); }
  void close(SessionPtr session, Empty) {
    session->send("last", "{}");
    session->close({4000, "as asked"});
    session->send("too_late", "{}");
  }
};

struct Ends : SessionObserver {
  std::atomic<int> ended{0};
  void session_ended(Session&) override { ++ended; }
};

class DispatchTest : public ::testing::Test {
 protected:
  Node& start(const std::function<void(Config&)>& change = {}) {
    node_ = std::make_unique<Node>(
        change,
        [this](Gateway&) {
          const auto row = [](std::string_view name, Who who, Order order, Action action,
                              Limit limit = Limit::none) {
            return Event{name, who, limit, order, "A step", std::move(action)};
          };
          return Events{
              row("flow", Who::signed_in, Order::flowing, on<&Steps::wait>(steps_)),
              row("alone", Who::signed_in, Order::serial, on<&Steps::wait>(steps_)),
              row("echo", Who::signed_in, Order::flowing, on<&Steps::echo>(steps_)),
              row("whoami", Who::signed_in, Order::flowing, on<&Steps::whoami>(steps_)),
              row("quiet", Who::anyone, Order::flowing, on<&Steps::quiet>(steps_)),
              row("refuse", Who::signed_in, Order::flowing, on<&Steps::refuse>(steps_)),
              row("burst", Who::signed_in, Order::flowing, on<&Steps::burst>(steps_)),
              row("admin", Who::admin, Order::flowing, on<&Steps::quiet>(steps_)),
              row("lead", Who::admin, Order::flowing, on<&Steps::wait>(steps_)),
              row("close", Who::signed_in, Order::serial, on<&Steps::close>(steps_)),
              row("write", Who::signed_in, Order::flowing, on<&Steps::echo>(steps_), Limit::write),
              row("read", Who::signed_in, Order::flowing, on<&Steps::echo>(steps_), Limit::read),
              row("guess", Who::signed_in, Order::flowing, on<&Steps::refuse>(steps_),
                  Limit::sensitive),
          };
        },
        1, std::vector<SessionObserver*>{&ends_});
    return *node_;
  }
  static void step(WsClient& client, const std::string& type, const std::string& name) {
    client.send(type, "{\"name\":\"" + name + "\"}", "\"" + name + "\"");
  }
  bool log_becomes(const std::vector<std::string>& wanted) {
    return eventually([&] { return steps_.seen() == wanted; });
  }

  Steps steps_;
  Ends ends_;
  std::unique_ptr<Node> node_;
};

TEST_F(DispatchTest, FlowingEventsBeginInOrderAndRunAtOnce) {
  WsClient client = start().connect("a");
  for (const char* name : {"1", "2", "3"}) step(client, "flow", name);
  ASSERT_TRUE(log_becomes({"+1", "+2", "+3"}));
  steps_.let("3");
  EXPECT_EQ(client.next("ack")["id"], "3");
  EXPECT_EQ(client.next()["type"], "after");
  steps_.let("1");
  steps_.let("2");
  client.next("ack");
  client.next("ack");
}

TEST_F(DispatchTest, ASerialEventWaitsForThoseBeforeAndHoldsUpThoseAfter) {
  WsClient client = start().connect("a");
  step(client, "flow", "1");
  step(client, "flow", "2");
  step(client, "alone", "s");
  step(client, "flow", "3");
  ASSERT_TRUE(log_becomes({"+1", "+2"}));
  steps_.let("2");
  EXPECT_EQ(client.next("ack")["id"], "2");
  steps_.let("1");
  ASSERT_TRUE(log_becomes({"+1", "+2", "-2", "-1", "+s"}));
  steps_.let("s");
  ASSERT_TRUE(log_becomes({"+1", "+2", "-2", "-1", "+s", "-s", "+3"}));
  steps_.let("3");
  EXPECT_EQ(client.next("ack")["id"], "1");
  EXPECT_EQ(client.next("ack")["id"], "s");
  EXPECT_EQ(client.next("ack")["id"], "3");
}

TEST_F(DispatchTest, NoMoreThanSoManyAreInFlight) {
  WsClient client = start([](Config& config) { config.realtime.max_in_flight = 2; }).connect("a");
  for (const char* name : {"1", "2", "3", "4"}) step(client, "flow", name);
  ASSERT_TRUE(log_becomes({"+1", "+2"}));
  steps_.let("2");
  ASSERT_TRUE(log_becomes({"+1", "+2", "-2", "+3"}));
  for (const char* name : {"1", "3", "4"}) steps_.let(name);
  for (int i = 0; i < 4; ++i) client.next("ack");
}

TEST_F(DispatchTest, AnswersAndErrors) {
  WsClient client = start().connect("a");
  client.send("whoami", "{}", "17");
  Json answer = client.next();
  EXPECT_EQ(answer["type"], "ack");
  EXPECT_EQ(answer["id"], 17);
  EXPECT_EQ(answer["payload"]["name"], user_of("a").str());
  EXPECT_GT(answer["timestamp"].get<std::int64_t>(), 1700000000000);

  client.send("refuse", "{}", "\"x\"");
  answer = client.next();
  EXPECT_EQ(answer["type"], "error");
  EXPECT_EQ(answer["id"], "x");
  EXPECT_EQ(answer["payload"]["code"], "ROOM_FULL");
  EXPECT_EQ(answer["payload"]["message"], "It is full");
  EXPECT_EQ(answer["payload"]["details"], Json({{"limit", 8}, {"retryAfter", 3}}));

  client.send("burst", "{}", "1.5");
  answer = client.next();
  EXPECT_EQ(answer["id"], 1.5);
  EXPECT_EQ(answer["payload"]["code"], "INTERNAL");
  EXPECT_EQ(answer.dump().find("secret"), std::string::npos);

  client.send("admin", "{}", "2");
  EXPECT_EQ(client.next()["payload"]["code"], "FORBIDDEN");
  client.send("echo", "{\"name\":5}", "3");
  answer = client.next();
  EXPECT_EQ(answer["payload"]["code"], "INVALID_MESSAGE");
  EXPECT_EQ(answer["payload"]["details"]["validationErrors"][0]["path"], Json({"name"}));
  client.send("quiet", "{}");  // without an id there is no answer
  client.send("quiet", "{}", "4");
  EXPECT_EQ(client.next()["id"], 4);

  const auto stats = node_->gateway().stats();
  const auto events = [&](std::string_view name) {
    return *std::find_if(stats.events.begin(), stats.events.end(),
                         [&](const EventStats& one) { return one.name == name; });
  };
  EXPECT_EQ(events("burst").failed, 1U);
  EXPECT_EQ(events("refuse").refused, 1U);
  EXPECT_EQ(events("quiet").ok, 2U);
}

TEST_F(DispatchTest, AnAdministratorIsOneAtEachEvent) {
  WsClient client = start().connect("a");
  const auto answer = [&client] {
    client.send("admin", "{}", "1");
    const Json said = client.next();
    return said["type"] == "ack" ? std::string("ack") : said["payload"]["code"].get<std::string>();
  };
  EXPECT_EQ(answer(), "FORBIDDEN");
  node_->accounts().set_role("a", Role::admin);
  EXPECT_EQ(answer(), "ack");
  node_->accounts().set_role("a", Role::mentor);
  EXPECT_EQ(answer(), "FORBIDDEN");
  node_->accounts().set_role("a", Role::admin);
  node_->accounts().fail_roles(Code::db_unavailable);
  EXPECT_EQ(answer(), "DB_UNAVAILABLE");
}

TEST_F(DispatchTest, OnlyRowsForAdministratorsAskForTheRole) {
  WsClient client = start().connect("a");
  for (const char* event : {"quiet", "whoami"}) {
    client.send(event, "{}", "1");
    EXPECT_EQ(client.next()["type"], "ack");
  }
  EXPECT_EQ(node_->accounts().asked(), 0);
  client.send("admin", "{}", "2");
  client.next();
  EXPECT_EQ(node_->accounts().asked(), 1);
}

// The role may change by what those before it do.
TEST_F(DispatchTest, TheRoleIsAskedForWhenTheEventsTurnHasCome) {
  WsClient client = start().connect("a");
  node_->accounts().set_role("a", Role::admin);
  step(client, "flow", "1");
  step(client, "lead", "2");
  step(client, "flow", "3");
  ASSERT_TRUE(log_becomes({"+1"}));
  node_->accounts().set_role("a", Role::learner);
  steps_.let("1");
  EXPECT_EQ(client.next("ack")["id"], "1");
  const Json refused = client.next("error");
  EXPECT_EQ(refused["id"], "2");
  EXPECT_EQ(refused["payload"]["code"], "FORBIDDEN");
  ASSERT_TRUE(log_becomes({"+1", "-1", "+3"}));
  steps_.let("3");
  client.next("ack");
}

TEST_F(DispatchTest, WhatIsNoEventIsAnsweredAndTheConnectionStays) {
  WsClient client = start().connect("a");
  for (const char* text :
       {"", "x", "{", "[]", "5", "null", "{}", R"({"type":5,"payload":{}})",
        R"({"type":"nothing"})", R"({"type":"toString","payload":{}})",
        R"({"type":"__proto__","payload":{}})", R"({"type":"echo","payload":[]})",
        R"({"type":"echo","payload":null})", R"({"type":"echo","payload":{},"id":{}})",
        R"({"type":"echo","type":"echo"})", R"({"type":"echo","payload":{"name":"\ud800"}})",
        R"({"type":"echo","payload":{"name":"\u0000"}})",
        R"({"type":"echo","payload":{"name":1e400}})", R"({"type":"ack","payload":{}})"}) {
    client.send(text);
    const Json answer = client.next();
    EXPECT_EQ(answer["type"], "error") << text;
    EXPECT_EQ(answer["payload"]["code"], "INVALID_MESSAGE") << text;
  }
  client.send(std::string(20000, '[') + std::string(20000, ']'));
  EXPECT_EQ(client.next()["payload"]["code"], "INVALID_MESSAGE");
  client.send("nothing", "{}", "\"" + std::string(129, 'i') + "\"");
  EXPECT_FALSE(client.next().contains("id"));
  client.send("nothing", "{}", "\"" + std::string(128, 'i') + "\"");
  EXPECT_EQ(client.next()["id"], std::string(128, 'i'));
  step(client, "echo", "still here");
  EXPECT_EQ(client.next()["type"], "ack");
}

TEST_F(DispatchTest, NothingButNonsenseIsAbuse) {
  WsClient client = start().connect("a");
  for (int i = 0; i < 200; ++i) client.send("nonsense");
  EXPECT_EQ(client.closed(), 1008);
}

TEST_F(DispatchTest, EventsOverTheRateAreRefusedAndThenEndTheConnection) {
  WsClient client = start([](Config& config) {
                      config.realtime.events_per_second = 1;
                      config.realtime.events_burst = 10;
                    }).connect("a");
  for (int i = 0; i < 40; ++i) client.send("echo", "{\"name\":\"x\"}", std::to_string(i));
  int answered = 0;
  int limited = 0;
  for (;;) {
    const Frame frame = client.read();
    if (frame.opcode != 1) {
      EXPECT_EQ(frame.close_code(), 1008);
      break;
    }
    const Json answer = Json::parse(frame.payload);
    if (answer["type"] == "ack") ++answered;
    if (answer["type"] == "error" && answer["payload"]["code"] == "RATE_LIMITED") ++limited;
  }
  EXPECT_EQ(answered, 10);
  EXPECT_EQ(limited, 10);
}

TEST_F(DispatchTest, WhoIsOverTheRateIsReadNoFasterThanTheConfigurationSays) {
  WsClient client = start([](Config& config) {
                      config.rate_limits.enabled = true;
                      config.rate_limits.write = {1, 1h};
                      config.realtime.refused_bytes_per_second = {64 * config::kKiB};
                    }).connect("a");
  const std::string large = "{\"name\":\"" + std::string(16'000, 'x') + "\"}";
  client.send("write", "{\"name\":\"x\"}", "1");
  const auto from = std::chrono::steady_clock::now();
  client.send("write", large, "2");
  client.send("echo", "{\"name\":\"x\"}", "3");
  EXPECT_EQ(client.next()["type"], "ack");
  EXPECT_EQ(client.next()["payload"]["code"], "RATE_LIMITED");
  EXPECT_EQ(client.next()["id"], 3);
  EXPECT_GE(std::chrono::steady_clock::now() - from, 200ms);
}

// How many of so many events of that type are answered. The rest is refused, with how long to wait.
int answered(WsClient& client, const std::string& type, int count) {
  for (int i = 0; i < count; ++i) client.send(type, "{\"name\":\"x\"}", std::to_string(i));
  int answered = 0;
  for (int i = 0; i < count; ++i) {
    const Json answer = client.next();
    if (answer["type"] == "ack") {
      ++answered;
      continue;
    }
    EXPECT_EQ(answer["payload"]["code"], "RATE_LIMITED");
    EXPECT_GE(answer["payload"]["details"]["retryAfter"], 1);
  }
  return answered;
}

TEST_F(DispatchTest, AllSocketsOfAPersonShareOneBudgetOfEvents) {
  start([](Config& config) {
    config.rate_limits.enabled = true;
    config.rate_limits.events = {10, 1h};
  });
  WsClient one = node_->connect("a"), two = node_->connect("a"), other = node_->connect("b");
  EXPECT_EQ(answered(one, "echo", 7), 7);
  EXPECT_EQ(answered(two, "echo", 7), 3);
  EXPECT_EQ(answered(one, "echo", 3), 0);
  EXPECT_EQ(answered(other, "echo", 7), 7);
}

TEST_F(DispatchTest, TheLimitOfARowIsOneForAllSocketsOfAPerson) {
  start([](Config& config) {
    config.rate_limits.enabled = true;
    config.rate_limits.write = {5, 1h};
  });
  WsClient one = node_->connect("a"), two = node_->connect("a"), other = node_->connect("b");
  EXPECT_EQ(answered(one, "write", 3), 3);
  EXPECT_EQ(answered(two, "write", 4), 2);
  EXPECT_EQ(answered(one, "echo", 4), 4) << "a row without it";
  EXPECT_EQ(answered(other, "write", 3), 3);
}

TEST_F(DispatchTest, WhatRefusesGuessesCountsThoseThatWereRefused) {
  start([](Config& config) {
    config.rate_limits.enabled = true;
    config.rate_limits.sensitive = {2, 1h};
  });
  WsClient client = node_->connect("a");
  for (const char* code : {"ROOM_FULL", "ROOM_FULL", "RATE_LIMITED"}) {
    client.send("guess", "{}", "1");
    EXPECT_EQ(client.next()["payload"]["code"], code);
  }
}

TEST_F(DispatchTest, WhoHasReadTooMuchReadsNoMore) {
  start([](Config& config) {
    config.rate_limits.enabled = true;
    config.rate_limits.answers = {{1000}, 1h};
  });
  const std::string large = "{\"name\":\"" + std::string(900, 'x') + "\"}";
  WsClient one = node_->connect("a"), two = node_->connect("a"), other = node_->connect("b");
  for (int i = 0; i < 2; ++i) {
    one.send("read", large, "1");
    EXPECT_EQ(one.next()["type"], "ack");
  }
  EXPECT_EQ(answered(two, "read", 1), 0);
  EXPECT_EQ(answered(two, "echo", 1), 1);
  EXPECT_EQ(answered(other, "read", 1), 1);
}

TEST_F(DispatchTest, AHandlersGoodbyeFollowsWhatItSent) {
  WsClient client = start().connect("a");
  client.send("close", "{}", "1");
  EXPECT_EQ(client.next()["type"], "last");
  const Frame end = client.read();
  EXPECT_EQ(end.close_code(), 4000);
  EXPECT_EQ(end.payload.substr(2), "as asked");
  client.shut();
  EXPECT_TRUE(eventually([&] { return ends_.ended == 1; }));
}

TEST_F(DispatchTest, ASessionEndsAfterTheLastOfItsEvents) {
  WsClient client = start().connect("a");
  step(client, "flow", "1");
  ASSERT_TRUE(log_becomes({"+1"}));
  client.shut();
  step(client, "flow", "never");
  WsClient other = node_->connect("b");
  step(other, "echo", "x");
  other.next("ack");
  EXPECT_EQ(ends_.ended, 0);
  steps_.let("1");
  EXPECT_TRUE(eventually([&] { return ends_.ended == 1; }));
  EXPECT_EQ(steps_.seen().back(), "-1");
  EXPECT_TRUE(eventually([&] { return node_->gateway().sessions() == 1; }));
}

TEST_F(DispatchTest, StoppingUnderwayTellsTheObserversAndLeaksNothing) {
  WsClient a = start().connect("a");
  WsClient b = node_->connect("b");
  step(a, "flow", "1");
  step(a, "alone", "s");
  step(b, "alone", "t");
  ASSERT_TRUE(eventually([&] { return steps_.seen().size() == 2; }));
  node_->runtime().stop();
  EXPECT_EQ(ends_.ended, 2);
  EXPECT_EQ(node_->gateway().sessions(), 0U);
}

TEST(RegistryTest, RefusesWhatCannotBeServed) {
  Steps steps;
  const auto row = [&](std::string_view name, Who who, Action action) {
    return Events{{name, who, Limit::none, Order::serial, "", std::move(action)}};
  };
  const auto one = row("one", Who::signed_in, on<&Steps::echo>(steps));
  EXPECT_NO_THROW(Registry({one}));
  EXPECT_THROW(Registry({one, one}), RegistryError);
  EXPECT_THROW(Registry({row("authenticate", Who::anyone, on<&Steps::echo>(steps))}),
               RegistryError);
  EXPECT_THROW(Registry({row("", Who::anyone, on<&Steps::echo>(steps))}), RegistryError);
  EXPECT_THROW(Registry({row("two", Who::anyone, on<&Steps::whoami>(steps))}), RegistryError);
  EXPECT_THROW(Registry({row("two", Who::anyone, nullptr)}), RegistryError);
  const Registry registry({one});
  EXPECT_EQ(registry.find("one"), 0U);
  EXPECT_FALSE(registry.find("onE"));
}

}  // namespace
}  // namespace stoa::realtime::test
