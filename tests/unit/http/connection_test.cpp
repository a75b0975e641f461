#include "fixture.hpp"

#include <stoa/core/json.hpp>

#include <tuple>

namespace stoa::http::test {
namespace {

using namespace std::chrono_literals;

const std::string kGet = "GET /api/echo HTTP/1.1\r\nHost: t\r\n\r\n";

class ConnectionTest : public ServerTest {
 protected:
  // Requests that are under way until notes.release.
  void ask_slowly(const std::vector<RawClient*>& clients) {
    for (RawClient* one : clients) one->send("GET /api/slow HTTP/1.1\r\nHost: t\r\n\r\n");
    slow_ += clients.size();
    const std::string counted = "stoa_http_in_flight{shard=\"0\"} " + std::to_string(slow_);
    EXPECT_TRUE(
        eventually([&] { return metrics.text().find(counted + "\n") != std::string::npos; }));
  }

 private:
  std::size_t slow_ = 0;
};

TEST_F(ConnectionTest, AnswersAndKeepsTheConnection) {
  start();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.get("/api/echo");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("connection"), "");
  }
}

TEST_F(ConnectionTest, AnswersPipelinedRequestsInTheirOrder) {
  start();
  RawClient client(port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    const std::string body = std::to_string(i);
    all += "POST /api/echo HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(Json::parse(answer->body).at("body"), std::to_string(i));
  }
}

TEST_F(ConnectionTest, ReadsARequestThatComesByteByByte) {
  start();
  RawClient client(port());
  const std::string request = "POST /api/echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc";
  for (const char c : request) client.send({&c, 1});
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(Json::parse(answer->body).at("body"), "abc");
}

TEST_F(ConnectionTest, DecodesChunks) {
  start();
  RawClient client(port());
  client.send(
      "POST /api/echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;name=value\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n" +
      kGet);
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(Json::parse(answer->body).at("body"), "abcdefg");
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 200);
}

TEST_F(ConnectionTest, InvitesABodyThatWaits) {
  start();
  RawClient client(port());
  client.send(
      "POST /api/echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  const auto invitation = client.read_answer();
  ASSERT_TRUE(invitation);
  EXPECT_EQ(invitation->status, 100);
  client.send("abc");
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 200);
}

TEST_F(ConnectionTest, AnswersHeadWithoutABody) {
  start();
  RawClient client(port());
  client.send("HEAD /api/echo HTTP/1.1\r\nHost: t\r\n\r\n" + kGet);
  const auto head = client.read_answer(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_NE(head->header("content-length"), "0");
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 200);
}

TEST_F(ConnectionTest, ClosesWhenAsked) {
  start();
  RawClient client(port());
  const auto answer = client.get("/api/echo", "Connection: close\r\n");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(ConnectionTest, KeepsHttp10OnlyWhenAsked) {
  start();
  RawClient once(port());
  once.send("GET /api/echo HTTP/1.0\r\n\r\n");
  EXPECT_EQ(once.read_answer().value_or(Answer{}).status, 200);
  EXPECT_TRUE(once.closed());
  RawClient kept(port());
  kept.send("GET /api/echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + kGet);
  EXPECT_EQ(kept.read_answer().value_or(Answer{}).header("connection"), "keep-alive");
  EXPECT_EQ(kept.read_answer().value_or(Answer{}).status, 200);
}

TEST_F(ConnectionTest, ClosesAfterTheConfiguredNumberOfRequests) {
  config.http.max_requests_per_connection = 2;
  start();
  RawClient client(port());
  EXPECT_EQ(client.get("/api/echo").header("connection"), "");
  EXPECT_EQ(client.get("/api/echo").header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(ConnectionTest, RefusesLargeBodiesWithoutReadingThem) {
  config.http.max_body_bytes.bytes = 100;
  start();
  RawClient declared(port());
  declared.send("POST /api/echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(declared.read_answer().value_or(Answer{}).status, 413);
  EXPECT_TRUE(declared.closed());
  RawClient chunked(port());
  chunked.send("POST /api/echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" +
               std::string(101, 'a') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.read_answer().value_or(Answer{}).status, 413);
  RawClient huge(port());
  huge.send("POST /api/echo HTTP/1.1\r\nHost: t\r\nContent-Length: 9223372036854775808\r\n\r\n");
  EXPECT_EQ(huge.read_answer().value_or(Answer{}).status, 413);
}

TEST_F(ConnectionTest, RefusesLargeHeaders) {
  start();
  RawClient many(port());
  std::string fields;
  for (int i = 0; i < 2000; ++i) fields += "A: b\r\n";
  many.send("GET / HTTP/1.1\r\nHost: t\r\n" + fields + "\r\n");
  EXPECT_EQ(many.read_answer().value_or(Answer{}).status, 431);
  RawClient endless(port());
  endless.send("GET / HTTP/1.1\r\nHost: t\r\nA: " + std::string(20'000, 'a'));
  EXPECT_EQ(endless.read_answer().value_or(Answer{}).status, 431);
}

TEST_F(ConnectionTest, EndsSlowHeadersWith408) {
  config.http.header_timeout = 100ms;
  start();
  RawClient client(port());
  client.send("GET /api/echo HTTP/1.1\r\nHost:");
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 408);
  EXPECT_TRUE(client.closed());
}

TEST_F(ConnectionTest, EndsSlowBodiesWith408) {
  config.http.body_timeout = 100ms;
  start();
  RawClient client(port());
  client.send("POST /api/echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 408);
  RawClient chunked(port());
  chunked.send("POST /api/echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
  EXPECT_EQ(chunked.read_answer().value_or(Answer{}).status, 408);
}

TEST_F(ConnectionTest, EndsIdleConnectionsInSilence) {
  config.http.idle_timeout = 100ms;
  start();
  std::optional<RawClient> client;
  // Who asks too late is closed before that, in silence too.
  EXPECT_TRUE(eventually([&] {
    client.emplace(port());
    return client->get("/api/echo").status == 200;
  }));
  EXPECT_EQ(client->read_all(), "");
}

TEST_F(ConnectionTest, EmptyLinesDoNotKeepAConnectionOpen) {
  config.http.idle_timeout = 100ms;
  start();
  RawClient whole(port()), halves(port());
  constexpr int kLines = 8, kRest = 10;  // between two of them: a tenth of the time
  int looks = 0;
  EXPECT_TRUE(eventually([&] {
    if (looks % kRest == 0 && looks < kLines * kRest) whole.send("\r\n");
    ++looks;
    return whole.has_ended();
  }));
  std::size_t sent = 0;
  EXPECT_TRUE(eventually([&] {
    if (sent < 2 * kLines) halves.send(sent++ % 2 == 0 ? "\r" : "\n");
    return halves.has_ended();
  }));
  EXPECT_EQ(whole.read_all() + halves.read_all(), "");
}

TEST_F(ConnectionTest, RefusesWhoSendsEmptyLinesInPlaceOfRequests) {
  start();
  constexpr std::string_view kFew = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.send(kFew);
    EXPECT_EQ(client.get("/api/echo").status, 200);
  }
  client.send(kFew);
  client.send("\r\n");
  const auto refused = client.read_answer().value_or(Answer{});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code_of(refused), "INVALID_REQUEST");
  EXPECT_TRUE(client.closed());
}

TEST_F(ConnectionTest, RefusesAnUpgradeWhoseFieldsCannotBeRead) {
  extras.upgrades = {{"/ws", [](net::Upgrade upgrade) -> Task<> {
                        upgrade.answer(101);
                        co_return;
                      }}};
  start();
  for (const std::string_view field :
       {"Connection: a b", "Connection: \"x", "Proxy-Connection: @@@"}) {
    RawClient client(port());
    client.send("GET /ws HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
                std::string(field) + "\r\n\r\n");
    EXPECT_EQ(code_of(client.read_answer().value_or(Answer{})), "INVALID_REQUEST") << field;
  }
}

TEST_F(ConnectionTest, RefusesMoreConnectionsThanConfigured) {
  config.http.max_connections_per_address = 2;
  start();
  RawClient first(port()), second(port());
  ask_slowly({&first, &second});
  RawClient third(port());
  const auto refused = third.read_answer().value_or(Answer{});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code_of(refused), "RATE_LIMITED");
  EXPECT_NE(refused.body.find("from this address"), std::string::npos);
  EXPECT_EQ(refused.header("retry-after"), "5");
  EXPECT_EQ(refused.header("connection"), "close");
  notes.release = true;
  EXPECT_EQ(first.read_answer().value_or(Answer{}).status, 200);
}

TEST_F(ConnectionTest, SaysThatTheServerIsFull) {
  config.http.max_connections = 1;
  start();
  RawClient first(port());
  ask_slowly({&first});
  RawClient second(port());
  const auto refused = second.read_answer().value_or(Answer{});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(code_of(refused), "OVERLOADED");
  EXPECT_EQ(refused.header("retry-after"), "5");
  notes.release = true;
}

// In the midst of a head, silent, kept alive, in the midst of a stranger's body, and beyond the last answer: the server waits
// for all of them, and the oldest goes first.
TEST_F(ConnectionTest, WhatWaitsForItsClientGivesWayToTheNext) {
  config.http.max_connections_per_address = 5;
  config.http.linger_timeout = 10min;
  start();
  RawClient head(port()), silent(port()), kept(port()), body(port()), refused(port());
  head.send("GET /api/ec");
  EXPECT_EQ(kept.get("/api/echo").status, 200);
  body.send(
      "POST /api/echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(body.read_answer(true).value_or(Answer{}).status, 100);
  refused.send("no request\r\n\r\n");
  EXPECT_EQ(refused.read_answer().value_or(Answer{}).status, 400);
  std::vector<std::unique_ptr<RawClient>> later;
  const auto come = [&] {
    later.push_back(std::make_unique<RawClient>(port()));
    ask_slowly({later.back().get()});
  };
  for (RawClient* one : {&head, &silent, &kept, &body}) {
    EXPECT_FALSE(one->has_ended());
    come();
    EXPECT_TRUE(eventually([&] { return one->has_ended(); }));
  }
  come();  // for the refused one, whose end was seen before
  RawClient last(port());
  EXPECT_EQ(last.read_answer().value_or(Answer{}).status, 429);
  EXPECT_NE(metrics.text().find("stoa_connections_displaced_total 5\n"), std::string::npos);
  notes.release = true;
  for (auto& one : later) EXPECT_EQ(one->read_answer().value_or(Answer{}).status, 200);
}

TEST_F(ConnectionTest, AnAnswerThatNobodyTakesGivesWay) {
  config.http.max_connections_per_address = 1;
  start();
  RawClient film(port());
  film.send("GET /api/film?size=50000000 HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_EQ(film.read_answer(true).value_or(Answer{}).status, 200);
  // As soon as the socket takes no more of it.
  EXPECT_TRUE(eventually([&] {
    RawClient next(port());
    next.send(kGet);
    const auto answer = next.read_answer();
    return answer && answer->status == 200;
  }));
  EXPECT_LT(film.read_all().size(), 50'000'000U);
}

// What somebody with an account sends slowly is his.
TEST_F(ConnectionTest, TheBodyOfSomebodyKnownKeepsItsPlace) {
  config.http.max_connections_per_address = 1;
  start();
  RawClient known(port());
  const std::string body = R"({"text":"kept"})";
  known.send(
      "POST /api/rooms/01890a5d-ac96-774b-bcce-b302099a8057/notes HTTP/1.1\r\nHost: "
      "t\r\nAuthorization: Bearer learner\r\nExpect: 100-continue\r\n"
      "Content-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n");
  ASSERT_EQ(known.read_answer(true).value_or(Answer{}).status, 100);
  RawClient second(port());
  EXPECT_EQ(second.read_answer().value_or(Answer{}).status, 429);
  known.send(body);
  EXPECT_EQ(known.read_answer().value_or(Answer{}).status, 201);
}

// Behind a proxy on the loopback, two requests of an address may be under way.
class BehindProxyTest : public ServerTest {
 protected:
  BehindProxyTest() {
    config.server.trusted_proxies = {"127.0.0.1"};
    config.http.max_connections_per_address = 2;
    config.http.body_timeout = 10min;
  }
  static std::string from(const std::string& address) {
    return "X-Forwarded-For: " + address + "\r\n";
  }
  // The head of a request, and no byte of its body.
  static std::string begun(const std::string& address) {
    return "POST /api/echo HTTP/1.1\r\nHost: t\r\n" + from(address) + "Content-Length: 3\r\n\r\n";
  }
  // Whether as many requests of that address are under way as may be.
  bool is_crowded(const std::string& address) {
    RawClient other(port());
    return other.get("/api/echo", from(address)).status == 429;
  }
};

TEST_F(BehindProxyTest, CountsWhatAClientHasUnderWay) {
  config.http.cors_origins = {"https://app.example"};
  start();
  RawClient first(port()), second(port()), proxy(port());
  first.send(begun("6.6.6.6"));
  second.send(begun("6.6.6.6"));
  EXPECT_TRUE(eventually([&] { return is_crowded("6.6.6.6"); }));
  const auto refused = proxy.get("/api/echo", from("6.6.6.6") + "Origin: https://app.example\r\n");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code_of(refused), "RATE_LIMITED");
  EXPECT_NE(refused.body.find("from this address are under way"), std::string::npos);
  EXPECT_EQ(refused.header("retry-after"), "5");
  EXPECT_EQ(refused.header("access-control-allow-origin"), "https://app.example");
  // Others come by the very connection.
  EXPECT_EQ(refused.header("connection"), "");
  EXPECT_EQ(proxy.get("/api/echo", from("7.7.7.7")).status, 200);
  EXPECT_EQ(proxy.get("/api/echo").status, 200);
  first.send("abc");
  EXPECT_EQ(first.read_answer().value_or(Answer{}).status, 200);
  EXPECT_TRUE(eventually([&] { return !is_crowded("6.6.6.6"); }));
}

TEST_F(BehindProxyTest, CountsNoConnectionThatIsIdle) {
  start();
  RawClient first(port()), second(port()), third(port());
  for (int i = 0; i < 3; ++i) {
    for (RawClient* client : {&first, &second, &third}) {
      EXPECT_EQ(client->get("/api/echo", from("6.6.6.6")).status, 200);
    }
  }
}

TEST_F(BehindProxyTest, CountsAnIPv6NetworkAsOneAndAllWithoutANameToo) {
  start();
  RawClient v6(port()), same_net(port()), nameless(port()), other(port());
  v6.send(begun("2001:db8::1"));
  same_net.send(begun("2001:db8::2:1"));
  nameless.send(begun("unknown"));
  other.send(begun("_hidden"));
  EXPECT_TRUE(eventually([&] { return is_crowded("2001:db8::3"); }));
  EXPECT_FALSE(is_crowded("2001:db8:0:1::3"));
  EXPECT_TRUE(eventually([&] { return is_crowded("somebody"); }));
  EXPECT_FALSE(is_crowded("0.0.0.1"));
}

// A body that is there is skipped, one that may never come is not waited for.
TEST_F(BehindProxyTest, DoesNotWaitForTheBodyOfWhoIsCrowdedOut) {
  start();
  RawClient first(port()), second(port()), third(port()), whole(port());
  first.send(begun("6.6.6.6"));
  second.send(begun("6.6.6.6"));
  EXPECT_TRUE(eventually([&] { return is_crowded("6.6.6.6"); }));
  third.send(begun("6.6.6.6"));
  const auto refused = third.read_answer().value_or(Answer{});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("connection"), "close");
  EXPECT_TRUE(third.closed());
  whole.send(begun("6.6.6.6") + "abc");
  EXPECT_EQ(whole.read_answer().value_or(Answer{}).status, 429);
  EXPECT_EQ(whole.get("/api/echo", from("7.7.7.7")).status, 200);
}

// What is left of a body that nobody wants is still the client's.
TEST_F(BehindProxyTest, CountsABodyThatIsSkipped) {
  start();
  RawClient first(port()), second(port());
  for (const auto& [client, target, status] :
       {std::tuple(&first, "/nothing", 404), std::tuple(&second, "/%zz", 400)}) {
    client->send("POST " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n" + from("6.6.6.6") +
                 "Content-Length: 3\r\n\r\n");
    EXPECT_EQ(client->read_answer().value_or(Answer{}).status, status);
  }
  EXPECT_TRUE(is_crowded("6.6.6.6"));
  first.send("abc");
  EXPECT_TRUE(eventually([&] { return !is_crowded("6.6.6.6"); }));
}

// From then on whoever took it counts it, as a socket.
TEST_F(BehindProxyTest, CountsAnUpgradeUntilItIsAnswered) {
  const auto held = std::make_shared<std::vector<net::Upgrade>>();
  extras.upgrades = {{"/ws", [held](net::Upgrade upgrade) -> Task<> {
                        held->push_back(std::move(upgrade));
                        co_return;
                      }}};
  start();
  const auto knock = [&](RawClient& client) {
    client.send("GET /ws HTTP/1.1\r\nHost: t\r\n" + from("6.6.6.6") +
                "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  };
  RawClient first(port()), second(port()), third(port());
  knock(first);
  knock(second);
  EXPECT_TRUE(eventually([&] { return is_crowded("6.6.6.6"); }));
  knock(third);
  EXPECT_EQ(third.read_answer().value_or(Answer{}).status, 429);
  runtime->on_every_shard([&](net::Shard&) {
    for (auto& upgrade : *held) upgrade.answer(101);
  });
  EXPECT_TRUE(eventually([&] { return !is_crowded("6.6.6.6"); }));
  EXPECT_FALSE(first.has_ended());
  runtime->on_every_shard([&](net::Shard&) { held->clear(); });
}

TEST_F(ConnectionTest, DrainsWithTheOpenRequestAnswered) {
  start();
  RawClient idle(port()), busy(port());
  EXPECT_EQ(idle.get("/api/echo").status, 200);
  busy.send("GET /api/slow HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto in_flight = [&] {
    return metrics.text().find("stoa_http_in_flight{shard=\"0\"} 1") != std::string::npos;
  };
  EXPECT_TRUE(eventually(in_flight));
  EXPECT_FALSE(server->drain(1ms));
  EXPECT_TRUE(idle.closed());
  notes.release = true;
  EXPECT_TRUE(server->drain(kPatience));
  const auto answer = busy.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_THROW(RawClient{port()}, std::runtime_error);
}

struct Bad {
  const char* name;
  std::string bytes;
};

class SmugglingTest : public ServerTest, public ::testing::WithParamInterface<Bad> {};

// One answer, 400, and the connection ends: what follows is never routed.
TEST_P(SmugglingTest, IsRefusedAndClosed) {
  start();
  RawClient client(port());
  client.send(GetParam().bytes + kGet);
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400) << answer->body;
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_EQ(client.read_all(), "");
}

std::string with(const std::string& fields, const std::string& body = {}) {
  return "POST /api/echo HTTP/1.1\r\nHost: t\r\n" + fields + "\r\n" + body;
}

INSTANTIATE_TEST_SUITE_P(
    Framing, SmugglingTest,
    ::testing::Values(
        Bad{"TransferEncodingGzip", with("Transfer-Encoding: gzip\r\n", kGet)},
        Bad{"TransferEncodingChunkedGzip", with("Transfer-Encoding: chunked, gzip\r\n", kGet)},
        Bad{"TransferEncodingGzipChunked",
            with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
        Bad{"TransferEncodingTwice",
            with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        Bad{"TransferEncodingPadded", with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
        Bad{"TransferEncodingEmpty", with("Transfer-Encoding:\r\n", "0\r\n\r\n")},
        Bad{"TransferEncodingVerticalTab", with("Transfer-Encoding: \x0b"
                                                "chunked\r\n",
                                                "0\r\n\r\n")},
        Bad{"SpaceBeforeColon", with("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")},
        Bad{"TransferEncodingWithContentLength",
            with("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n")},
        Bad{"ContentLengthWithTransferEncoding",
            with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        Bad{"ChunkedInHttp10",
            "POST /api/echo HTTP/1.0\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Bad{"ContentLengthList", with("Content-Length: 4, 4\r\n", "abcd")},
        Bad{"ContentLengthTwice", with("Content-Length: 4\r\nContent-Length: 4\r\n", "abcd")},
        Bad{"ContentLengthDiffering", with("Content-Length: 0\r\nContent-Length: 4\r\n", "abcd")},
        Bad{"ContentLengthSigned", with("Content-Length: +4\r\n", "abcd")},
        Bad{"ContentLengthNegative", with("Content-Length: -1\r\n")},
        Bad{"ContentLengthHex", with("Content-Length: 0x4\r\n", "abcd")},
        Bad{"ContentLengthOverflow", with("Content-Length: 99999999999999999999\r\n")},
        Bad{"ContentLengthEmpty", with("Content-Length:\r\n")},
        Bad{"NoHost", "GET /api/echo HTTP/1.1\r\n\r\n"},
        Bad{"TwoHosts", "GET /api/echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        Bad{"HostWithPath", "GET /api/echo HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        Bad{"HostWithUser", "GET /api/echo HTTP/1.1\r\nHost: a@b\r\n\r\n"},
        Bad{"FoldedHeader", with("A: b\r\n c\r\n")},
        Bad{"FoldedFirstHeader", "GET /api/echo HTTP/1.1\r\n Host: t\r\n\r\n"},
        Bad{"BareLineFeeds", "GET /api/echo HTTP/1.1\nHost: t\n\n"},
        Bad{"BareLineFeedInHeader", with("A: b\nContent-Length: 4\r\n", "abcd")},
        Bad{"BareCarriageReturn", with("A: b\rContent-Length: 4\r\n", "abcd")},
        Bad{"Nul", with(std::string("A: b") + '\0' + "c\r\n")},
        Bad{"ControlCharacter", with("A: b\x01"
                                     "c\r\n")},
        Bad{"Delete", with("A: b\x7f"
                           "c\r\n")},
        Bad{"EmptyName", with(": b\r\n")}, Bad{"NameWithSpace", with("A B: c\r\n")},
        Bad{"NoColon", with("Anything\r\n")}, Bad{"NoVersion", "GET /api/echo\r\nHost: t\r\n\r\n"},
        Bad{"UnknownVersion", "GET /api/echo HTTP/2.0\r\nHost: t\r\n\r\n"},
        Bad{"LowerCaseVersion", "GET /api/echo http/1.1\r\nHost: t\r\n\r\n"},
        Bad{"TwoSpaces", "GET  /api/echo HTTP/1.1\r\nHost: t\r\n\r\n"},
        Bad{"TabInRequestLine", "GET\t/api/echo HTTP/1.1\r\nHost: t\r\n\r\n"},
        Bad{"LeadingSpace", " GET /api/echo HTTP/1.1\r\nHost: t\r\n\r\n"},
        Bad{"BytesOfTls", std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 11)},
        Bad{"ChunkSizeSigned", with("Transfer-Encoding: chunked\r\n", "+3\r\nabc\r\n0\r\n\r\n")},
        Bad{"ChunkSizeHexPrefix",
            with("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n")},
        Bad{"ChunkSizeOverflow",
            with("Transfer-Encoding: chunked\r\n", "10000000000000003\r\nabc\r\n0\r\n\r\n")},
        Bad{"ChunkSizeEmpty", with("Transfer-Encoding: chunked\r\n", "\r\nabc\r\n0\r\n\r\n")},
        Bad{"ChunkWithBareLineFeed", with("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n")},
        Bad{"ChunkTooLong", with("Transfer-Encoding: chunked\r\n", "3\r\nabcdef\r\n0\r\n\r\n")},
        Bad{"ChunkExtensionWithLineFeed",
            with("Transfer-Encoding: chunked\r\n", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n")},
        Bad{"ChunkExtensionWithoutName",
            with("Transfer-Encoding: chunked\r\n", "3;\nabc\r\n0\r\n\r\n")}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace stoa::http::test
