// The ways to sign in, renewing, lapsing; guests; origins; the bounds before the upgrade; going down.
#include "realtime/origins.hpp"
#include "support.hpp"

#include <stoa/core/json.hpp>

namespace stoa::realtime::test {
namespace {

struct Me {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Me, (), (name))

struct People {
  Me whoami(Caller caller) { return {caller.user.str()}; }
  Me guest(SessionPtr session) { return {session->caller() ? "known" : "guest"}; }
};

class SignInTest : public ::testing::Test {
 protected:
  Node& start(const std::function<void(Config&)>& change = {}, std::size_t shards = 1) {
    node_ = std::make_unique<Node>(
        change,
        [this](Gateway&) {
          return Events{
              {"whoami", Who::signed_in, Limit::none, Order::flowing, "Who",
               on<&People::whoami>(people_)},
              {"guest", Who::anyone, Limit::none, Order::flowing, "Any",
               on<&People::guest>(people_)},
          };
        },
        shards);
    return *node_;
  }
  int status(const std::string& target, const std::vector<std::string>& headers = {}) {
    WsClient client(node_->port());
    const int result = client.upgrade(target, headers);
    response_ = client.response;
    return result;
  }
  void expect_user(WsClient& client, std::string_view name) {
    client.send("whoami", "{}", "1");
    EXPECT_EQ(client.next("ack")["payload"]["name"], user_of(name).str());
  }

  static std::string lapsing(std::chrono::milliseconds life) {
    return "ann@" + std::to_string(life.count()) + "ms";
  }
  // False when the token has lapsed already.
  static bool renew(WsClient& client) {
    client.send("authenticate", "{\"token\":\"ann\"}", "1");
    for (;;) {
      const Frame frame = client.read();
      if (frame.opcode != 1) return false;
      if (Json::parse(frame.payload)["type"] == "ack") return true;
    }
  }

  People people_;
  std::unique_ptr<Node> node_;
  std::string response_;
};

TEST_F(SignInTest, EveryWayToBringAToken) {
  start();
  const std::vector<std::pair<std::string, std::vector<std::string>>> ways = {
      {"/ws?token=ann", {}},
      {"/ws?x=1&access_token=ann", {}},
      {"/ws?x[0]=a|b&token=ann", {}},
      {"/ws?token=ann", {"Authorization: Basic YTpi"}},
      {"/ws?ticket=ann", {}},
      {"/ws", {"Authorization: Bearer ann"}},
      {"/", {"authorization: bearer ann"}},
      {"/ws?token=bad", {"Authorization: Bearer ann"}},
      {"/ws", {"Sec-WebSocket-Protocol: stoa.v1, bearer.ann"}},
      {"/ws", {"Sec-WebSocket-Protocol: bearer.ann", "Sec-WebSocket-Protocol: stoa.v1"}},
  };
  for (const auto& [target, headers] : ways) {
    WsClient client(node_->port());
    ASSERT_EQ(client.upgrade(target, headers), 101) << target;
    EXPECT_NE(client.response.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
              std::string::npos);
    const bool answered =
        client.response.find("Sec-WebSocket-Protocol: stoa.v1\r\n") != std::string::npos;
    const bool offered = !headers.empty() && headers.back().find("stoa.v1") != std::string::npos;
    EXPECT_EQ(answered, offered) << target;
    EXPECT_EQ(client.response.find("bearer"), std::string::npos);
    expect_user(client, "ann");
  }
}

TEST_F(SignInTest, ABadTokenIsRefusedBeforeTheUpgrade) {
  start();
  EXPECT_EQ(status("/ws?token=bad"), 401);
  EXPECT_NE(response_.find("\"code\":\"INVALID_TOKEN\""), std::string::npos);
  EXPECT_EQ(status("/ws?token=suspended"), 403);
  EXPECT_EQ(status("/ws?token=down"), 503);
  EXPECT_EQ(node_->gateway().sessions(), 0U);
  EXPECT_EQ(node_->gateway().stats().upgrades_refused, 3U);
}

TEST_F(SignInTest, InBand) {
  start();
  WsClient client = node_->open();
  client.send("whoami", "{}", "1");
  EXPECT_EQ(client.next()["payload"]["code"], "UNAUTHORIZED");
  client.send("guest", "{}", "1");
  EXPECT_EQ(client.next()["payload"]["code"], "UNAUTHORIZED");
  client.send("authenticate", "{\"token\":\"ann\"}", "2");
  client.send("whoami", "{}", "3");
  Json answer = client.next();
  EXPECT_EQ(answer["id"], 2);
  EXPECT_EQ(answer["payload"]["userId"], user_of("ann").str());
  EXPECT_EQ(client.next()["id"], 3);

  client.send("authenticate", "{\"token\":\"bob\"}", "4");
  EXPECT_EQ(client.next()["payload"]["code"], "FORBIDDEN");
  client.send("authenticate", "{\"token\":\"bad\"}", "5");
  EXPECT_EQ(client.next()["payload"]["code"], "INVALID_TOKEN");
  client.send("authenticate", "{\"token\":\"Bearer ann@new\"}", "6");
  EXPECT_EQ(client.next()["type"], "ack") << "with the scheme as well";
  expect_user(client, "ann");
  node_->hub().close_sign_in(sign_in_of("ann"), kUnauthorized);  // the old one is no longer its own
  expect_user(client, "ann");
  node_->hub().close_sign_in(sign_in_of("ann@new"), kUnauthorized);
  EXPECT_EQ(client.closed(), 4401);
}

TEST_F(SignInTest, ABadTokenInBandEndsAStrangersConnection) {
  start();
  WsClient client = node_->open();
  client.send("authenticate", "{\"token\":\"down\"}", "1");
  EXPECT_EQ(client.next()["payload"]["code"], "DB_UNAVAILABLE");
  client.send("authenticate", "{}", "1");
  EXPECT_EQ(client.next()["payload"]["code"], "INVALID_MESSAGE");
  client.send("authenticate", "{\"token\":\"bad\"}", "1");
  EXPECT_EQ(client.next()["payload"]["code"], "INVALID_TOKEN");
  EXPECT_EQ(client.closed(), 4401);
}

TEST_F(SignInTest, WhoDoesNotSignInInTimeIsClosed) {
  start([](Config& config) { config.realtime.authenticate_timeout = 100ms; });
  WsClient client = node_->open();
  EXPECT_EQ(client.closed(), 4401);
}

TEST_F(SignInTest, ATokenThatLapsesClosesUnlessItIsRenewed) {
  start();
  EXPECT_TRUE(at_any_pace(300ms, [&](auto life) {
    WsClient client = node_->connect(lapsing(life));
    WsClient renewed = node_->connect(lapsing(life));
    if (!renew(renewed)) return false;
    EXPECT_EQ(client.closed(), 4401);
    expect_user(renewed, "ann");
    return true;
  }));
}

TEST_F(SignInTest, ALapsingTokenIsAnnounced) {
  start();
  EXPECT_TRUE(at_any_pace(300ms, [&](auto life) {
    const auto from = std::chrono::steady_clock::now();
    WsClient client = node_->connect(lapsing(life));
    const Frame frame = client.read();
    if (frame.opcode != 1) return false;
    const Json notice = Json::parse(frame.payload);
    const auto waited = std::chrono::steady_clock::now() - from;
    EXPECT_EQ(notice["type"], "token_expiring");
    EXPECT_TRUE(parse_timestamp(notice["payload"]["expiresAt"].get<std::string>()));
    EXPECT_GE(waited, life / 2 - 10ms) << "not before half of its life has passed";
    if (!renew(client)) return false;
    expect_user(client, "ann");
    return true;
  }));
}

TEST_F(SignInTest, GuestsWhereTheyAreAllowed) {
  start([](Config& config) {
    config.realtime.guests = true;
    config.realtime.authenticate_timeout = 100ms;
  });
  WsClient client = node_->open();
  // A guest has no time to sign in by: when a token that is good for longer has lapsed, it is still there.
  EXPECT_TRUE(at_any_pace(150ms, [&](auto life) {
    WsClient clock = node_->open();
    clock.send("authenticate", "{\"token\":\"" + lapsing(life) + "\"}", "0");
    if (clock.next()["type"] != "ack") return false;
    EXPECT_EQ(clock.closed(), 4401);
    return true;
  }));
  client.send("guest", "{}", "1");
  EXPECT_EQ(client.next()["payload"]["name"], "guest");
  client.send("whoami", "{}", "2");
  EXPECT_EQ(client.next()["payload"]["code"], "UNAUTHORIZED");
  client.send("authenticate", "{\"token\":\"bad\"}", "3");
  EXPECT_EQ(client.next()["type"], "error");
  client.send("authenticate", "{\"token\":\"ann\"}", "4");
  EXPECT_EQ(client.next()["type"], "ack");
  expect_user(client, "ann");
}

TEST_F(SignInTest, GuestsDoNotSpendWhatEachOfThemHas) {
  start([](Config& config) {
    config.realtime.guests = true;
    config.rate_limits.enabled = true;
    config.rate_limits.guest_events = {5, 1h};
    config.rate_limits.guest_socket_events = {3, 1h};
  });
  // How many of so many events are answered.
  const auto answered = [](WsClient& client, int count) {
    for (int i = 0; i < count; ++i) client.send("guest", "{}", std::to_string(i));
    int acks = 0;
    for (int i = 0; i < count; ++i) acks += client.next()["type"] == "ack" ? 1 : 0;
    return acks;
  };
  WsClient loud = node_->open(), quiet = node_->open();
  EXPECT_EQ(answered(loud, 20), 8) << "his own, and those of the address";
  EXPECT_EQ(answered(quiet, 4), 3);
  WsClient known = node_->connect("ann");
  EXPECT_EQ(answered(known, 20), 20) << "a person has none of it";
}

TEST_F(SignInTest, Origins) {
  start([](Config& config) {
    config.realtime.origins = {"https://App.example:443", "null", "capacitor://localhost"};
    config.server.public_url = "https://stoa.example/path/";
  });
  const auto from = [&](const std::string& origin) { return status("/ws", {"Origin: " + origin}); };
  for (const char* good :
       {"http://stoa.example:3000", "https://stoa.example:3000", "https://app.example",
        "https://stoa.example", "null", "capacitor://localhost"}) {
    EXPECT_EQ(from(good), 101) << good;
  }
  for (const char* bad :
       {"tauri://localhost", "https://evil.example", "http://app.example",
        "https://app.example.evil", "https://xapp.example", "https://app.example:444",
        "http://stoa.example", "http://stoa.example:3000/x", "app.example", "",
        "http://evil@stoa.example:3000", "file://"}) {
    EXPECT_EQ(from(bad), 403) << bad;
  }
  EXPECT_EQ(status("/ws", {"Origin: https://app.example", "Origin: https://evil.example"}), 403);
  EXPECT_EQ(status("/ws"), 101);
}

TEST_F(SignInTest, AnyOriginIsAny) {
  start([](Config& config) { config.realtime.origins = {"*"}; });
  for (const char* origin : {"null", "file://", "capacitor://localhost", "tauri://localhost",
                             "https://app.example", "http://b\xC3\xBC.example"}) {
    EXPECT_EQ(status("/ws", {"Origin: " + std::string(origin)}), 101) << origin;
  }
}

// Names that lead here may be a stranger's, whose pages are then from "the same host".
TEST(Origins, AreTheServersOwnByItsOwnNamesOnly) {
  Config config;
  config.server.public_url = "https://Stoa.example:8443/";
  const Origins origins(config);
  const std::vector<std::pair<std::string, std::string>> own = {
      {"https://stoa.example:8443", "elsewhere.example"},
      {"http://stoa.example:3000", "stoa.example:3000"},
      {"https://stoa.example", "STOA.example:443"},
      {"http://localhost:3000", "localhost:3000"},
      {"http://app.localhost", "app.localhost"},
      {"http://127.0.0.1:3000", "127.0.0.1:3000"},
      {"http://[::1]:3000", "[::1]:3000"},
  };
  for (const auto& [origin, host] : own) EXPECT_TRUE(origins.admit(origin, host)) << origin;
  const std::vector<std::pair<std::string, std::string>> strange = {
      {"http://evil.example:3000", "evil.example:3000"},
      {"http://stoa.example.evil", "stoa.example.evil"},
      {"http://localhost.evil", "localhost.evil"},
      {"http://127.0.0.1.evil", "127.0.0.1.evil"},
      {"http://127.0.0.1:3000", "127.0.0.1:3001"},
      {"http://stoa.example", "stoa.example:3000"},
      {"null", "null"},
      {"http://", ""},
  };
  for (const auto& [origin, host] : strange) EXPECT_FALSE(origins.admit(origin, host)) << origin;
}

TEST_F(SignInTest, HandshakesThatAreNone) {
  start();
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  const auto raw = [&](const std::string& line, const std::string& headers) {
    WsClient client(node_->port());
    client.write(line + "\r\nHost: x\r\n" + headers + "\r\n");
    return client.answer();
  };
  EXPECT_EQ(raw("GET /ws HTTP/1.1", key + version + upgrade), 101);
  EXPECT_EQ(raw("GET /ws HTTP/1.1", version + upgrade), 400);
  EXPECT_EQ(raw("GET /ws HTTP/1.1", "Sec-WebSocket-Key: short==\r\n" + version + upgrade), 400);
  EXPECT_EQ(raw("GET /ws HTTP/1.1", key + upgrade), 426);
  EXPECT_EQ(raw("GET /ws HTTP/1.1", key + version), 400);
  EXPECT_EQ(raw("GET /ws HTTP/1.0", key + version + upgrade), 400);
  EXPECT_EQ(raw("HEAD /ws HTTP/1.1", key + version + upgrade), 400);
  EXPECT_EQ(status("/ws", {"Sec-WebSocket-Version: 12"}), 426);
  EXPECT_EQ(status("/ws", {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}), 400);
  EXPECT_EQ(status("/ws", {"Sec-WebSocket-Protocol: " + std::string(7000, ' ') + ",,, ,"}), 101);
}

TEST_F(SignInTest, Bounds) {
  start([](Config& config) {
    config.realtime.max_sessions_per_user = 2;
    config.realtime.max_sessions_per_address = 4;
  });
  WsClient one = node_->connect("ann");
  WsClient two = node_->connect("ann@two");
  EXPECT_EQ(status("/ws?token=ann"), 429);
  EXPECT_NE(response_.find("Retry-After:"), std::string::npos);
  WsClient stranger = node_->open();
  stranger.send("authenticate", "{\"token\":\"ann\"}", "1");
  EXPECT_EQ(stranger.next()["payload"]["code"], "RATE_LIMITED");
  WsClient four = node_->connect("bob");
  WsClient five = node_->connect("eve");  // in the place of whoever has not said who he is
  EXPECT_EQ(stranger.closed(), 1013);
  stranger.shut();
  ASSERT_TRUE(eventually([&] { return node_->gateway().sessions() == 4; }));
  EXPECT_EQ(node_->gateway().stats().displaced, 1U);
  EXPECT_EQ(status("/ws?token=dan"), 429);
  one.shut();
  ASSERT_TRUE(eventually([&] { return node_->gateway().sessions() == 3; }));
  WsClient again = node_->connect("ann");

  start([](Config& config) { config.realtime.max_sessions = 1; });
  WsClient only = node_->connect("ann");
  EXPECT_EQ(status("/ws?token=bob"), 503);
}

TEST_F(SignInTest, NobodyGivesWayWhileHisTokenIsJudged) {
  start([](Config& config) { config.realtime.max_unknown_per_address = 1; });
  WsClient judged = node_->open();
  node_->accounts().hold();
  judged.send("authenticate", "{\"token\":\"ann\"}", "1");
  ASSERT_TRUE(eventually([&] { return node_->accounts().held() == 1; }));
  EXPECT_EQ(status("/ws"), 429) << "the only place is his";
  node_->accounts().hold(false);
  EXPECT_EQ(judged.next()["type"], "ack");
  expect_user(judged, "ann");
  EXPECT_EQ(node_->gateway().stats().displaced, 0U);

  WsClient refused = node_->open();
  refused.send("authenticate", "{\"token\":\"down\"}", "1");
  EXPECT_EQ(refused.next()["payload"]["code"], "DB_UNAVAILABLE");
  WsClient next = node_->open();
  EXPECT_EQ(refused.closed(), 1013) << "whose token was none gives way again";
}

TEST_F(SignInTest, GoingDown) {
  start(
      [](Config& config) {
        config.server.shutdown_grace = kPatience;
        config.server.shutdown_jitter = 500ms;
      },
      2);
  std::vector<WsClient> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(node_->connect("u" + std::to_string(i), i % 2));
  node_->gateway().drain();
  for (auto& client : clients) {
    const Json notice = client.next();
    EXPECT_EQ(notice["type"], "server_closing");
    const auto wait = notice["payload"]["reconnectInMs"].get<int>();
    EXPECT_TRUE(wait >= 0 && wait <= 500);
    EXPECT_EQ(client.closed(), 1012);
    client.shut();
  }
  EXPECT_TRUE(node_->gateway().wait_until_empty(kPatience));
  EXPECT_EQ(status("/ws?token=ann"), 503);
  EXPECT_NE(response_.find("SHUTTING_DOWN"), std::string::npos);
}

TEST_F(SignInTest, SilentConnectionsEndAndAnsweringOnesStay) {
  EXPECT_TRUE(at_any_pace(150ms, [&](auto interval) {
    start([&](Config& config) { config.realtime.heartbeat_interval = interval; });
    WsClient silent = node_->connect("silent");
    WsClient alive = node_->connect("alive");
    for (int i = 0; i < 5; ++i) {
      const Frame ping = alive.read(true);
      if (ping.opcode != 9) return false;
      alive.frame(0x8a, ping.payload);
    }
    EXPECT_EQ(silent.closed(), 1001);
    alive.send("whoami", "{}", "1");
    return alive.read().opcode == 1;
  }));
}

}  // namespace
}  // namespace stoa::realtime::test
