// What a request brings along: what is refused before it comes, what is read, and how it gets on.
#include "fixture.hpp"
#include "http/chunks.hpp"
#include "http/framing.hpp"

#include <stoa/core/json.hpp>

#include <array>
#include <future>

#include <boost/asio/post.hpp>

namespace stoa::http::test {
namespace {

using namespace std::chrono_literals;

const std::string kNext = "GET /api/echo HTTP/1.1\r\nHost: t\r\n\r\n";
const std::string kSignedIn = "Authorization: Bearer learner\r\n";
const std::string kNotes = "/api/rooms/01890a5d-ac96-774b-bcce-b302099a8057/notes";

std::string post(std::string_view target, std::string_view fields) {
  std::string head = "POST ";
  return head.append(target).append(" HTTP/1.1\r\nHost: t\r\n").append(fields).append("\r\n");
}

class BodyTest : public ServerTest {};

struct Early {
  const char* name;
  std::string target, fields;
  int status;
  const char* code;
};
class EarlyRefusalTest : public ServerTest, public ::testing::WithParamInterface<Early> {};

// The announced body never comes, and nobody is invited to send it.
TEST_P(EarlyRefusalTest, ComesBeforeTheBody) {
  config.http.cors_origins = {"https://app.example"};
  start();
  const auto& tested = GetParam();
  for (const char* wait : {"", "Expect: 100-continue\r\n"}) {
    RawClient client(port());
    client.send(post(tested.target, "Origin: https://app.example\r\n" + tested.fields + wait));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, tested.status) << answer->body;
    EXPECT_EQ(code_of(*answer), tested.code);
    EXPECT_EQ(answer->header("access-control-allow-origin"), "https://app.example");
    EXPECT_EQ(Json::parse(answer->body).at("error").at("requestId"),
              answer->header("x-request-id"));
  }
}

const std::string kJson = "Content-Type: application/json\r\n";
const std::string kSome = "Content-Length: 1000\r\n";

INSTANTIATE_TEST_SUITE_P(
    Heads, EarlyRefusalTest,
    ::testing::Values(
        Early{"UnknownPath", "/api/nothing", kJson + kSome, 404, "NOT_FOUND"},
        Early{"WrongMethod", "/api/notes", kJson + kSome, 405, "METHOD_NOT_ALLOWED"},
        Early{"BadTarget", "/api/%ff", kJson + kSome, 400, "INVALID_REQUEST"},
        Early{"NoToken", kNotes, kJson + kSome, 401, "UNAUTHORIZED"},
        Early{"BadToken", kNotes, kJson + kSome + "Authorization: Bearer forged\r\n", 401,
              "INVALID_TOKEN"},
        Early{"WrongType", kNotes, "Content-Type: text/plain\r\n" + kSome + kSignedIn, 415,
              "UNSUPPORTED_MEDIA_TYPE"},
        Early{"WrongTypeInChunks", kNotes,
              "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n" + kSignedIn, 415,
              "UNSUPPORTED_MEDIA_TYPE"},
        Early{"TooLarge", kNotes, kJson + "Content-Length: 1048577\r\n" + kSignedIn, 413,
              "TOO_LARGE"},
        Early{"TooLargeForStrangers", "/api/echo", kJson + "Content-Length: 16385\r\n", 413,
              "TOO_LARGE"},
        Early{"TooLargeForTheRow", "/api/measure", "Content-Length: 100000001\r\n", 413,
              "TOO_LARGE"},
        Early{"NoBodyTaken", "/api/ping", kJson + kSome + kSignedIn, 400, "UNEXPECTED_BODY"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(BodyTest, SaysHowLargeABodyMayBe) {
  start();
  RawClient client(port());
  client.send(post("/api/echo", "Content-Length: 16385\r\n"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(Json::parse(answer->body).at("error").at("details").at("limit"), 16384);
}

TEST_F(BodyTest, CountsAnEmptyObjectAsNoBody) {
  start();
  RawClient client(port());
  EXPECT_EQ(client.send_json("POST", "/api/ping", "", kSignedIn).status, 204);
  EXPECT_EQ(client.send_json("POST", "/api/ping", "{}", kSignedIn).status, 204);
  const auto other = client.send_json("POST", "/api/ping", "[]", kSignedIn);
  EXPECT_EQ(other.status, 400);
  EXPECT_EQ(code_of(other), "UNEXPECTED_BODY");
  client.send("GET /api/notes HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 200);
  EXPECT_EQ(
      client.send_json("DELETE", "/api/notes", "{}", "Authorization: Bearer admin\r\n").status,
      204);
  // As .NET's JsonContent sends everything: in chunks.
  const auto in_chunks = [&](std::string_view chunks) {
    client.send(post("/api/ping", "Transfer-Encoding: chunked\r\n" + kSignedIn) +
                std::string(chunks));
    return client.read_answer().value_or(Answer{}).status;
  };
  EXPECT_EQ(in_chunks("2\r\n{}\r\n0\r\n\r\n"), 204);
  EXPECT_EQ(in_chunks("0\r\n\r\n"), 204);
  EXPECT_EQ(in_chunks("2\r\n[]\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(client.get("/api/echo").status, 200);
}

TEST_F(BodyTest, GoesOnAfterARefusalOfLittle) {
  start();
  RawClient client(port());
  EXPECT_EQ(client.send_json("POST", kNotes, R"({"text":"a"})").status, 401);
  EXPECT_EQ(client.send_json("POST", "/api/nothing", std::string(20'000, ' ')).status, 404);
  const auto answer = client.get("/api/echo");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("connection"), "");
}

TEST_F(BodyTest, CallsLittleWhatIsConfigured) {
  config.http.max_skip_bytes = {100};
  start();
  RawClient client(port());
  const auto refused = [&client](std::size_t size) {
    return client.send_json("POST", "/api/nothing", std::string(size, ' ')).header("connection");
  };
  EXPECT_EQ(refused(100), "");
  EXPECT_EQ(refused(101), "close");
}

// What a client sends anyway is read up to a bound, so that it gets to see the answer, and never taken for a request.
TEST_F(BodyTest, EndsTheConnectionAfterARefusalOfMuch) {
  start();
  RawClient client(port());
  client.send(post(kNotes, kJson + "Content-Length: 1000000\r\n"));
  std::string much;
  while (much.size() < 1'000'000) much += kNext;
  client.send(much);
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 401);
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(notes.echoed, 0);
}

// It may send the body after all, or the next request at once: one cannot know.
TEST_F(BodyTest, EndsTheConnectionOfAClientThatWaitedInVain) {
  start();
  RawClient client(port());
  client.send(post(kNotes, kJson + "Content-Length: 3\r\nExpect: 100-continue\r\n"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 401);
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(BodyTest, TellsPagesWhyNothingBecameARequest) {
  config.http.cors_origins = {"https://app.example"};
  config.http.body_timeout = 100ms;
  start();
  const std::string origin = "Origin: https://app.example\r\n";
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "A: b\r\n";
  const std::array<std::pair<std::string, int>, 8> all = {{
      {"GET /api/notes HTTP/1.1\r\nHost: t\r\n" + origin + fields + "\r\n", 431},
      {"GET /api/notes HTTP/1.1\r\nHost: t\r\nB ad: c\r\n" + origin + "\r\n", 400},
      {"GET /api/notes HTTP/9\r\nHost: t\r\n" + origin + "\r\n", 400},
      {"POST /api/echo HTTP/1.1\r\nHost: t\r\n" + origin +
           "Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n",
       413},
      {"GET /api/notes HTTP/1.1\r\nHost: t\r\n" + origin + "A: " + std::string(20'000, 'a'), 431},
      {"FETCH /api/notes HTTP/1.1\r\nHost: t\r\n" + origin + "\r\n", 405},
      {"POST /api/echo HTTP/1.1\r\nHost: t\r\n" + origin + "Content-Length: 5\r\n\r\nab", 408},
      {"POST /api/echo HTTP/1.1\r\nHost: t\r\n" + origin +
           "Transfer-Encoding: chunked\r\n\r\n4001\r\n" + std::string(0x4001, 'a'),
       413},
  }};
  for (const auto& [bytes, status] : all) {
    RawClient client(port());
    client.send(bytes);
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->header("access-control-allow-origin"), "https://app.example") << status;
    EXPECT_NE(answer->header("x-request-id"), "");
    EXPECT_EQ(Json::parse(answer->body).at("error").at("requestId"),
              answer->header("x-request-id"));
  }
}

TEST_F(BodyTest, GivesTheHandlerPieces) {
  start();
  RawClient client(port());
  const std::string much(5'000'000, 'b');
  client.send(post("/api/measure", "Content-Length: 5000000\r\n") + much);
  EXPECT_EQ(Json::parse(client.read_answer().value_or(Answer{}).body).at("text"),
            "5000000 bytes, piece by piece");
  client.send(post("/api/measure", "Transfer-Encoding: chunked\r\n") + "4c4b40\r\n" + much +
              "\r\n3;x=y\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(Json::parse(client.read_answer().value_or(Answer{}).body).at("text"),
            "5000003 bytes, piece by piece");
  client.send(post("/api/measure", "Content-Length: 0\r\n"));
  EXPECT_EQ(Json::parse(client.read_answer().value_or(Answer{}).body).at("text"),
            "0 bytes, piece by piece");
  EXPECT_EQ(client.get("/api/echo").status, 200);
}

TEST_F(BodyTest, InvitesOnlyWhenTheHandlerReads) {
  start();
  RawClient client(port());
  client.send(post("/api/measure", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 100);
  client.send("abc");
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 200);
}

TEST_F(BodyTest, AnswersWhenAHandlerFailsInMidBody) {
  start();
  RawClient small(port());
  small.send(post("/api/measure?stopAfter=1", "Content-Length: 50000\r\n") +
             std::string(50'000, 'b') + kNext);
  EXPECT_EQ(small.read_answer().value_or(Answer{}).status, 409);
  EXPECT_EQ(small.read_answer().value_or(Answer{}).status, 200);  // the rest was little
  RawClient large(port());
  large.send(post("/api/measure?stopAfter=1", "Content-Length: 5000000\r\n") +
             std::string(5'000'000, 'b'));
  const auto answer = large.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_EQ(large.read_all(), "");
  RawClient chunked(port());
  chunked.send(post("/api/measure?stopAfter=1", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n");
  EXPECT_EQ(chunked.read_answer().value_or(Answer{}).header("connection"), "close");
}

TEST_F(BodyTest, CountsWhatComesInChunks) {
  start();
  RawClient client(port());
  client.send(post("/api/echo", "Transfer-Encoding: chunked\r\n") + "4001\r\n" +
              std::string(0x4001, 'a') + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 413);
}

// A server that a body gets `deadline` of for each four bytes, and one of ten times as many.
class SteadyBody final : public ServerTest {
 public:
  bool is_served(std::chrono::milliseconds deadline) {
    config.http.body_timeout = deadline;
    config.http.progress_bytes.bytes = 4;
    start();
    RawClient client(port());
    client.send(post("/api/echo", "Content-Length: 40\r\n"));
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i) {
      std::this_thread::sleep_until(began + i * deadline / 4);
      client.send("abcd");
    }
    return client.read_answer().value_or(Answer{}).status == 200;
  }

 private:
  void TestBody() override {}
};

// The whole takes many times the deadline; no part of it does.
TEST(Bodies, ThatGetOnAreWaitedFor) {
  EXPECT_TRUE(stoa::test::at_any_pace(
      200ms, [](std::chrono::milliseconds deadline) { return SteadyBody().is_served(deadline); }));
}

// 20 KiB in a second is a slow line, and no attack.
TEST(Bodies, AreWaitedForByDefaultOnASlowLine) {
  const config::Http options;
  for (const auto deadline : {options.body_timeout, options.write_timeout}) {
    const auto seconds = std::chrono::duration<double>(deadline).count();
    EXPECT_LT(static_cast<double>(options.progress_bytes.bytes) / seconds, 20.0 * config::kKiB);
  }
}

// A byte now and then keeps no connection.
TEST_F(BodyTest, EndsABodyThatTrickles) {
  config.http.body_timeout = 100ms;
  config.http.progress_bytes.bytes = 1000;
  start();
  RawClient client(port());
  client.send(post("/api/measure", "Content-Length: 100000\r\n"));
  std::promise<void> over;
  std::thread drip([&, ended = over.get_future()] {
    while (ended.wait_for(5ms) == std::future_status::timeout) client.send("a");
  });
  const auto answer = client.read_answer();
  over.set_value();
  drip.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(code_of(*answer), "REQUEST_TIMEOUT");
}

// Who has sent a thousand requests ahead does not hold up who sends one.
TEST_F(BodyTest, TakesTurnsWithWhoSendsRequestsAhead) {
  start();
  RawClient ahead(port()), one(port());
  EXPECT_EQ(ahead.get("/api/echo").status, 200);
  EXPECT_EQ(one.get("/api/echo").status, 200);
  std::string all;
  for (int i = 0; i < 1000; ++i) all += kNext;
  std::promise<void> held, release;
  asio::post(runtime->shard(0).context, [&] {
    held.set_value();
    release.get_future().wait();
  });
  held.get_future().wait();
  ahead.send(all);
  one.send("GET /api/echoed HTTP/1.1\r\nHost: t\r\n\r\n");
  release.set_value();
  const auto answer = one.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_LT(std::stoi(Json::parse(answer->body).at("text").get<std::string>()), 1000);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(ahead.read_answer().value_or(Answer{}).status, 200);
}

// Every piece as large as it can be, or one byte at a time: the data is the same.
std::string decode(std::string_view bytes, bool byte_by_byte) {
  ChunkDecoder decoder(1024);
  std::string out, held;
  for (std::size_t i = 0; !decoder.done(); ++i) {
    if (byte_by_byte && i == bytes.size()) return "unfinished";
    byte_by_byte ? void(held += bytes[i]) : void(held = bytes);
    for (;;) {
      const auto step = decoder.next(held);
      if (step.refusal) return "refused";
      out += step.data;
      held.erase(0, step.used);
      if (step.used == 0 || decoder.done()) break;
    }
    if (!byte_by_byte) break;
  }
  return decoder.done() ? out + "|" + held : "unfinished";
}

TEST(ChunkDecoder, DecodesWhateverTheCuts) {
  const std::string bytes =
      "3;name=value\r\nabc\r\nA \t; x\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n";
  EXPECT_EQ(decode(bytes, true), "abc0123456789|");
  EXPECT_EQ(decode(bytes + "GET", false), "abc0123456789|GET");
  EXPECT_EQ(decode("0\r\n\r\n", true), "|");
}

TEST(ChunkDecoder, RefusesWhatHasTwoMeanings) {
  for (const char* bytes :
       {"+3\r\nabc", "-3\r\nabc", "0x3\r\nabc", "\r\nabc", ";a\r\nabc", "3\nabc", " 3\r\nabc",
        "3 \r\nabc\r\n", "3 a\r\nabc", "g\r\n", "3\r\nabcd\r\n", "3\r\nabc\n\n", "3\r\nabc\r0",
        "1000000000000000\r\n", "3;a=\"\n\"\r\nabc", "3;a\rb\r\nabc", "0\r\nno field\r\n\r\n",
        "0\r\n a: b\r\n\r\n", "0\r\na: b\n\r\n"}) {
    EXPECT_EQ(decode(bytes, false), "refused") << bytes;
    EXPECT_EQ(decode(bytes, true), "refused") << bytes;
  }
}

TEST(ChunkDecoder, BoundsWhatIsNoData) {
  EXPECT_EQ(decode("3;" + std::string(2000, 'a'), false), "refused");
  std::string small;
  for (int i = 0; i < 10'000; ++i) small += "1\r\na\r\n";
  EXPECT_EQ(decode(small + "0\r\n\r\n", false), std::string(10'000, 'a') + "|");
  std::string padded;
  for (int i = 0; i < 1000; ++i) padded += "1;" + std::string(20, 'x') + "\r\na\r\n";
  EXPECT_EQ(decode(padded, false), "refused");
}

TEST(Framing, GlancesAtARefusedHead) {
  const auto glance =
      glance_at_head("GET /a HTTP/1.1\r\nHost: t\r\norigin:  https://a \r\nX: \x01");
  EXPECT_EQ(glance.target, "/a");
  EXPECT_EQ(glance.origin, "https://a");
  EXPECT_EQ(glance_at_head("GET /a HTTP/1.1\r\nOrigin: https://a").origin, "");
  EXPECT_EQ(glance_at_head("GET /a HTTP/1.1\r\n\r\nOrigin: https://a\r\n").origin, "");
  EXPECT_EQ(glance_at_head("nonsense").target, "");
}

}  // namespace
}  // namespace stoa::http::test
