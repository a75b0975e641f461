#include "fixture.hpp"

#include <stoa/core/json.hpp>

#include <array>

namespace stoa::http::test {
namespace {

using namespace std::chrono_literals;

const std::string kLearner = "Authorization: Bearer learner\r\n";
const std::string kAdmin = "Authorization: Bearer admin\r\n";
const std::string kRoom = "01890a5d-ac96-774b-bcce-b302099a8057";
const std::string kCreate = "/api/rooms/" + kRoom + "/notes";

class DispatchTest : public OneClientTest {};

TEST_F(DispatchTest, ReadsTheQueryIntoTheInput) {
  const auto answer = client().get("/api/notes?q=a%20b+c&limit=7");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"text":"a b c:7"})");
  EXPECT_EQ(answer.header("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
}

TEST_F(DispatchTest, ListsEveryBadField) {
  const auto answer = client().get("/api/notes?limit=1000&q=");
  EXPECT_EQ(answer.status, 422);
  const auto error = Json::parse(answer.body).at("error");
  EXPECT_EQ(error.at("code"), "VALIDATION_ERROR");
  EXPECT_EQ(error.at("details").at("validationErrors").size(), 2U);
  EXPECT_EQ(error.at("requestId"), answer.header("x-request-id"));
}

TEST_F(DispatchTest, TakesPathParametersBeforeTheBody) {
  const auto answer = client().send_json(
      "POST", kCreate, R"({"room":"00000000-0000-0000-0000-000000000000","text":"hi"})", kLearner);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"text":"hi in )" + kRoom + "\"}");
}

TEST_F(DispatchTest, AnswersWhatIsNoInput) {
  EXPECT_EQ(client().send_json("POST", kCreate, "{", kLearner).status, 400);
  EXPECT_EQ(client().send_json("POST", kCreate, "[1]", kLearner).status, 422);
  EXPECT_EQ(client().send_json("POST", kCreate, "", kLearner).status, 422);
  EXPECT_EQ(client().send_json("POST", "/api/rooms/x/notes", R"({"text":"a"})", kLearner).status,
            422);
  client().send("POST " + kCreate + " HTTP/1.1\r\nHost: t\r\n" + kLearner +
                "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(client().read_answer().value_or(Answer{}).status, 415);
}

// What a page is shown depends on the token that it brings, so a bad one is not overlooked: the page renews it.
TEST_F(DispatchTest, ChecksTokensEvenWhereNoneIsNeeded) {
  const auto missing = client().send_json("POST", kCreate, R"({"text":"a"})");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(code_of(missing), "UNAUTHORIZED");
  EXPECT_EQ(missing.header("www-authenticate"), "Bearer realm=\"stoa\"");
  for (const char* field : {"Bearer forged", "bearer  forged", "Bearer", "Bearer "}) {
    const auto bad = client().get("/api/notes", "Authorization: " + std::string(field) + "\r\n");
    EXPECT_EQ(bad.status, 401) << field;
    EXPECT_EQ(code_of(bad), "INVALID_TOKEN");
    EXPECT_EQ(bad.header("www-authenticate"), "Bearer realm=\"stoa\", error=\"invalid_token\"");
  }
}

// A browser that a proxy has asked for a password sends it along with everything.
TEST_F(DispatchTest, LeavesOtherSchemesToOthers) {
  for (const char* scheme : {"Basic YTpi", "Digest username=\"a\"", "Negotiate", "Bearerx y"}) {
    const std::string field = "Authorization: " + std::string(scheme) + "\r\n";
    EXPECT_EQ(client().get("/api/notes", field).status, 200) << scheme;
    const auto refused = client().send_json("POST", kCreate, R"({"text":"a"})", field);
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(code_of(refused), "UNAUTHORIZED") << scheme;
  }
}

TEST_F(DispatchTest, JudgesNoTokenWhereItMakesNoDifference) {
  for (const char* field : {"Bearer forged", "Bearer", "Basic YTpi"}) {
    const std::string line = "Authorization: " + std::string(field) + "\r\n";
    EXPECT_EQ(client().get("/healthz", line).status, 200) << field;
    EXPECT_EQ(client().get("/api/greeting", line).status, 200) << field;
    EXPECT_EQ(client().send_json("POST", "/api/login", "{}", line).status, 200) << field;
  }
}

TEST_F(DispatchTest, ChecksRoles) {
  EXPECT_EQ(client().send_json("DELETE", "/api/notes", "", kLearner).status, 403);
  const auto done = client().send_json("DELETE", "/api/notes", "", kAdmin);
  EXPECT_EQ(done.status, 204);
  EXPECT_EQ(done.header("content-length"), "");
}

TEST_F(DispatchTest, AnAdministratorIsOneAtEachRequest) {
  const auto status = [this] {
    return client().send_json("DELETE", "/api/notes", "", kAdmin).status;
  };
  EXPECT_EQ(status(), 204);
  authenticator.set_role("admin", Role::learner);
  EXPECT_EQ(status(), 403);
  authenticator.set_role("admin", Role::admin);
  EXPECT_EQ(status(), 204);
}

TEST_F(DispatchTest, KnowsPathsFromMethods) {
  const auto unknown = client().get("/api/nothing");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(code_of(unknown), "NOT_FOUND");
  const auto wrong = client().send_json("PUT", "/api/notes", "{}");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("allow"), "GET, HEAD, DELETE, OPTIONS");
  const auto options = client().send_json("OPTIONS", "/api/notes", "");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("allow"), "GET, HEAD, DELETE, OPTIONS");
  const auto all = client().send_json("OPTIONS", "*", "");
  EXPECT_EQ(all.status, 204);
  client().send("TRACE /api/notes HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_EQ(client().read_answer().value_or(Answer{}).status, 405);
}

TEST_F(DispatchTest, HidesWhatFailedInside) {
  const auto answer = client().get("/api/fail");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(code_of(answer), "INTERNAL");
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  EXPECT_EQ(client().get("/api/notes").status, 200);
}

TEST_F(DispatchTest, SetsSecurityHeaders) {
  config.http.hsts = true;
  const auto answer = client().get("/api/nothing");
  EXPECT_EQ(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.header("x-frame-options"), "DENY");
  EXPECT_EQ(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
  EXPECT_EQ(answer.header("server"), "");
}

TEST_F(DispatchTest, LimitsStrangersByAddressAndPeopleByThemselves) {
  config.rate_limits.read = {2, 15min};
  EXPECT_EQ(client().get("/api/notes").header("ratelimit-remaining"), "1");
  EXPECT_EQ(client().get("/api/notes").header("ratelimit-remaining"), "0");
  const auto refused = client().get("/api/notes");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code_of(refused), "RATE_LIMITED");
  EXPECT_EQ(refused.header("ratelimit-limit"), "2");
  EXPECT_EQ(refused.header("retry-after"), refused.header("ratelimit-reset"));
  EXPECT_EQ(client().get("/api/notes", kLearner).status, 200);
  EXPECT_EQ(client().send_json("POST", "/api/login", "{}").status, 200);
}

TEST_F(DispatchTest, LimitsWhomALinkNamesByHimself) {
  config.rate_limits.read = {2, 15min};
  for (int i = 0; i < 2; ++i) client().get("/api/linked?link=wrong");
  EXPECT_EQ(client().get("/api/linked?link=wrong").status, 429);
  const auto right = client().get("/api/linked?link=right");
  EXPECT_EQ(right.status, 200);
  EXPECT_EQ(right.header("ratelimit-remaining"), "1");
  EXPECT_EQ(client().get("/api/linked?link=right").header("ratelimit-remaining"), "0");
  EXPECT_EQ(client().get("/api/linked?link=right").status, 429);
}

// An account is no way around the limit of those who try passwords.
TEST_F(DispatchTest, LimitsSignInByAddressAlone) {
  config.rate_limits.sensitive = {1, 15min};
  EXPECT_EQ(client().send_json("POST", "/api/login", std::string(20'000, ' ')).status, 413);
  EXPECT_EQ(client().send_json("POST", "/api/login", "{}", kLearner).status, 429);
}

TEST_F(DispatchTest, CountsOnlyWhatWasRefusedWhereThingsAreGuessed) {
  config.rate_limits.sensitive = {2, 15min};
  for (int i = 0; i < 3; ++i) {
    const auto right = client().send_json("POST", "/api/login", "{}");
    EXPECT_EQ(right.status, 200);
    EXPECT_EQ(right.header("ratelimit-remaining"), "2");
  }
  for (const char* left : {"1", "0"}) {
    const auto wrong = client().send_json("POST", "/api/login", std::string(20'000, ' '));
    EXPECT_EQ(wrong.status, 413);
    EXPECT_EQ(wrong.header("ratelimit-remaining"), left);
  }
  EXPECT_EQ(client().send_json("POST", "/api/login", "{}").status, 429);
}

TEST_F(DispatchTest, CountsOnlyWhatWasMadeWhereThingsAreRegistered) {
  config.rate_limits.registration = {2, 15min};
  const std::string path = "/api/rooms/" + kRoom + "/register";
  const auto register_as = [&](const std::string& body) {
    return client().send_json("POST", path, body);
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(register_as("{").status, 400);
    const auto refused = register_as(R"({"text":"conflict"})");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.header("ratelimit-remaining"), "2");
  }
  for (const char* left : {"1", "0"}) {
    const auto made = register_as(R"({"text":"a"})");
    EXPECT_EQ(made.status, 200);
    EXPECT_EQ(made.header("ratelimit-remaining"), left);
  }
  EXPECT_EQ(register_as(R"({"text":"a"})").status, 429);
}

// A renewal is counted by its handler, which knows whose it is; what does not come to the handler by its address.
TEST_F(DispatchTest, CountsRenewalsThatCannotBeRead) {
  config.rate_limits.renewal = {4, 15min};
  const std::string path = "/api/rooms/" + kRoom + "/renew";
  const auto renew = [&](const std::string& body) {
    return client().send_json("POST", path, body);
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(renew(R"({"text":"conflict"})").status, 409);
  EXPECT_EQ(renew("{").status, 400);
  EXPECT_EQ(renew(R"({"text":1})").status, 422);
  EXPECT_EQ(renew(R"({"text":")" + std::string(21, 'x') + "\"}").status, 422);
  EXPECT_EQ(renew(std::string(20'000, ' ')).header("ratelimit-remaining"), "0");
  const auto refused = renew("{");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code_of(refused), "RATE_LIMITED");
  EXPECT_EQ(refused.header("retry-after"), refused.header("ratelimit-reset"));
  EXPECT_EQ(renew(R"({"text":"a"})").status, 200);
}

// Whoever is not told that a token has ended never renews it.
TEST_F(DispatchTest, CountsBadTokensTooAndStillSaysThatTheyAre) {
  config.rate_limits.read = {2, 15min};
  const std::string forged = "Authorization: Bearer forged\r\n";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client().get("/api/notes", forged).status, 401);
  EXPECT_EQ(client().get("/api/notes").status, 429);
}

TEST_F(DispatchTest, CompressesWhatIsLargeForThoseWhoAsk) {
  const auto plain = client().get("/api/large", "Accept-Encoding: gzip;q=0, br\r\n");
  EXPECT_EQ(plain.header("content-encoding"), "");
  EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
  EXPECT_GT(plain.body.size(), 100'000U);
  const auto compressed = client().get("/api/large", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(compressed.header("content-encoding"), "gzip");
  EXPECT_LT(compressed.body.size(), 1000U);
  const auto small = client().get("/api/notes", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(small.header("content-encoding"), "");
}

TEST_F(DispatchTest, HandsTheIdempotencyKeyToWhoHonoursIt) {
  const auto create = [&](const char* text) {
    const std::string body = std::string(R"({"text":")") + text + R"("})";
    return client().send_json("POST", kCreate, body, kLearner + "Idempotency-Key: k1\r\n");
  };
  const auto first = create("a");
  EXPECT_EQ(first.status, 201);
  EXPECT_NE(first.body.find("k1 "), std::string::npos);
  EXPECT_EQ(first.header("idempotent-replayed"), "");
  // The fingerprint tells whether the request is the same.
  EXPECT_EQ(create("a").body, first.body);
  EXPECT_NE(create("b").body, first.body);
  EXPECT_EQ(create("again").header("idempotent-replayed"), "true");
}

TEST_F(DispatchTest, RefusesAnIdempotencyKeyThatIsNone) {
  const std::string body = R"({"text":"a"})";
  const std::string lengthy = kLearner + "Idempotency-Key: " + std::string(256, 'k') + "\r\n";
  EXPECT_EQ(client().send_json("POST", kCreate, body, lengthy).status, 400);
  EXPECT_EQ(client().send_json("POST", kCreate, body, kLearner + "Idempotency-Key: a b\r\n").status,
            400);
}

TEST_F(DispatchTest, BelievesOnlyTrustedProxies) {
  const std::string claims =
      "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Request-Id: mine\r\n";
  const auto seen = Json::parse(client().get("/api/echo", claims).body);
  EXPECT_EQ(seen.at("address"), "127.0.0.1");
  EXPECT_EQ(seen.at("secure"), false);
  EXPECT_NE(seen.at("id"), "mine");
}

TEST_F(DispatchTest, TakesTheClientFromTrustedProxies) {
  config.server.trusted_proxies = {"127.0.0.0/8", "10.0.0.0/8"};
  const auto seen = Json::parse(client()
                                    .get("/api/echo",
                                         "X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\nX-Forwarded-For: "
                                         "10.1.1.1\r\nX-Forwarded-Proto: https\r\n"
                                         "X-Request-Id: mine\r\n")
                                    .body);
  EXPECT_EQ(seen.at("address"), "1.2.3.4");
  EXPECT_EQ(seen.at("secure"), true);
  EXPECT_EQ(seen.at("id"), "mine");
  EXPECT_NE(Json::parse(client().get("/api/echo", "X-Request-Id: a b\r\n").body).at("id"), "a b");
}

TEST_F(DispatchTest, ReadsWhateverProxiesCallTheirClients) {
  config.server.trusted_proxies = {"127.0.0.0/8", "10.0.0.0/8"};
  const std::vector<std::pair<std::string, std::string>> all = {
      {"198.51.100.4:51234", "198.51.100.4"},
      {"[2001:db8::9]:5555", "2001:db8::9"},
      {"[2001:db8::9]", "2001:db8::9"},
      {"2001:db8::9", "2001:db8::9"},
      {"::ffff:198.51.100.4", "198.51.100.4"},
      {"6.6.6.6, 198.51.100.4:80, 10.1.1.1:443", "198.51.100.4"},
      // What cannot be read is nobody's, and so no trusted proxy's.
      {"unknown", "0.0.0.0"},
      {"198.51.100.4:x", "0.0.0.0"},
      {"198.51.100.4:", "0.0.0.0"},
      {"198.51.100.4:99999", "0.0.0.0"},
      {"[198.51.100.4]:80", "0.0.0.0"},
      {"[2001:db8::9", "0.0.0.0"},
      {"198.51.100.4, x, 10.1.1.1", "0.0.0.0"},
  };
  for (const auto& [field, address] : all) {
    const auto answer = client().get("/api/echo", "X-Forwarded-For: " + field + "\r\n");
    EXPECT_EQ(Json::parse(answer.body).at("address"), address) << field;
  }
  EXPECT_EQ(client().get("/metrics").status, 200);
  EXPECT_EQ(client().get("/metrics", "X-Forwarded-For: unknown\r\n").status, 404);
}

TEST_F(DispatchTest, AnswersConfiguredOrigins) {
  config.http.cors_origins = {"https://app.example"};
  const auto allowed = client().get("/api/notes", "Origin: https://app.example\r\n");
  EXPECT_EQ(allowed.header("access-control-allow-origin"), "https://app.example");
  EXPECT_EQ(allowed.header("access-control-allow-credentials"), "true");
  EXPECT_EQ(allowed.header("vary"), "Origin");
  for (const char* origin : {"https://evil.example", "https://app.example.evil", "null",
                             "http://app.example", "https://xapp.example"}) {
    const auto other = client().get("/api/notes", "Origin: " + std::string(origin) + "\r\n");
    EXPECT_EQ(other.header("access-control-allow-origin"), "") << origin;
    EXPECT_EQ(other.header("vary"), "Origin");
  }
  client().send(
      "OPTIONS /api/notes HTTP/1.1\r\nHost: t\r\nOrigin: https://app.example\r\n"
      "Access-Control-Request-Method: DELETE\r\n\r\n");
  const auto preflight = client().read_answer().value_or(Answer{});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("access-control-allow-methods"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(preflight.header("access-control-max-age"), "600");
  EXPECT_NE(preflight.header("access-control-allow-headers").find("Idempotency-Key"),
            std::string::npos);
}

TEST_F(DispatchTest, AllowsTheFieldsThatAPageAsksFor) {
  const auto allowed = [this](const std::string& origin) {
    client().send("OPTIONS /api/notes HTTP/1.1\r\nHost: t\r\nOrigin: " + origin +
                  "\r\nAccess-Control-Request-Method: GET\r\n"
                  "Access-Control-Request-Headers: x-requested-with,traceparent\r\n\r\n");
    return client().read_answer().value_or(Answer{}).header("access-control-allow-headers");
  };
  config.http.cors_origins = {"https://app.example"};
  EXPECT_EQ(allowed("https://app.example"), "x-requested-with,traceparent");
  EXPECT_EQ(allowed("https://evil.example"), "");
}

TEST_F(DispatchTest, KnowsOriginsHoweverTheyAreConfigured) {
  config.http.cors_origins = {"HTTPS://App.Example:443", "null", "capacitor://localhost"};
  for (const std::string origin : {"https://app.example", "null", "capacitor://localhost"}) {
    const auto answer = client().get("/api/notes", "Origin: " + origin + "\r\n");
    EXPECT_EQ(answer.header("access-control-allow-origin"), origin);
  }
}

TEST_F(DispatchTest, GivesAnyOriginNoCredentials) {
  config.http.cors_origins = {"*"};
  const auto answer = client().get("/api/notes", "Origin: https://any.example\r\n");
  EXPECT_EQ(answer.header("access-control-allow-origin"), "*");
  EXPECT_EQ(answer.header("access-control-allow-credentials"), "");
  EXPECT_EQ(client().get("/api/notes", "Origin: null\r\n").header("access-control-allow-origin"),
            "*");
}

TEST_F(DispatchTest, ServesFiles) {
  // The server reads them until the fixture stops it, as it does those that are part of the binary.
  static const std::string page(2000, 'p');
  static const std::array<Asset, 3> assets = {Asset{"/index.html", page},
                                              Asset{"/docs/index.html", "docs"},
                                              Asset{"/js/main.js", "let a;"}};
  extras.assets = {assets};
  const auto index = client().get("/");
  EXPECT_EQ(index.body, page);
  EXPECT_EQ(index.header("content-type"), "text/html; charset=utf-8");
  EXPECT_NE(index.header("content-security-policy").find("script-src 'self'"), std::string::npos);
  EXPECT_EQ(client().get("/docs").body, "docs");
  EXPECT_EQ(client().get("/docs/").body, "docs");
  EXPECT_EQ(client().get("/js/main.js?v=1").header("content-type"),
            "text/javascript; charset=utf-8");
  EXPECT_EQ(client().get("/js").status, 404);

  const auto compressed = client().get("/", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(compressed.header("content-encoding"), "gzip");
  EXPECT_NE(compressed.header("etag"), index.header("etag"));
  const auto unchanged =
      client().get("/", "If-None-Match: \"x\", " + index.header("etag") + "\r\n");
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(unchanged.body, "");
  const auto wrong = client().send_json("POST", "/", "{}");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("allow"), "GET, HEAD, OPTIONS");
}

TEST_F(DispatchTest, TellsHowItIs) {
  EXPECT_EQ(client().get("/healthz").status, 200);
  EXPECT_EQ(client().get("/readyz").status, 200);
  client().get("/api/notes");
  const auto shown = client().get("/metrics");
  EXPECT_NE(shown.body.find("stoa_http_requests_total{method=\"GET\",route=\"/api/notes\","
                            "status=\"200\"} 1"),
            std::string::npos)
      << shown.body;
  const auto document = client().get("/api/openapi.json");
  EXPECT_EQ(document.status, 200);
  EXPECT_EQ(client()
                .get("/api/openapi.json", "If-None-Match: " + document.header("etag") + "\r\n")
                .status,
            304);
}

TEST_F(DispatchTest, ShowsMetricsToConfiguredAddressesOnly) {
  config.http.metrics_allow = {"10.0.0.0/8"};
  EXPECT_EQ(client().get("/metrics").status, 404);
}

TEST_F(DispatchTest, HandsUpgradesOverWithWhatCameAfter) {
  struct Taken {
    std::string target, leftover, address;
  };
  const auto taken = std::make_shared<Taken>();
  const auto handler = [taken](net::Upgrade upgrade) -> Task<> {
    taken->target = std::string(upgrade.request.target());
    const auto rest = upgrade.leftover.data();
    taken->leftover.assign(static_cast<const char*>(rest.data()), rest.size());
    taken->address = upgrade.client.address;
    upgrade.stream->socket().write_some(boost::asio::buffer("taken", 5));
    return [](net::StreamPtr) -> Task<> { co_return; }(std::move(upgrade.stream));
  };
  extras.upgrades = {{"/ws", handler}};
  client().send(
      "GET /ws?a=b HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nrest");
  EXPECT_EQ(client().read_all(), "taken");
  EXPECT_EQ(taken->target, "/ws?a=b");
  EXPECT_EQ(taken->leftover, "rest");
  EXPECT_EQ(taken->address, "127.0.0.1");
  RawClient plain(port());
  EXPECT_EQ(plain.get("/ws").status, 404);
}

// curl --http2 and Java's client offer it with their first request.
TEST_F(DispatchTest, GoesOnWithHttp11WhereOtherProtocolsAreOffered) {
  extras.upgrades = {{"/api/notes", [](net::Upgrade) -> Task<> { co_return; }}};
  const std::string offer = "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n";
  EXPECT_EQ(client().get("/api/notes", offer + "Upgrade: h2c\r\n").status, 200);
  EXPECT_EQ(client().get("/healthz", offer + "Upgrade: h2c\r\n").status, 200);
  RawClient socket(port());
  socket.send(
      "GET /api/notes HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\n"
      "Upgrade: h2c, WebSocket\r\n\r\n");
  EXPECT_TRUE(socket.closed());
}

TEST_F(DispatchTest, CountsUpgradesAsTheyWereAnswered) {
  const auto handler = [](net::Upgrade upgrade) -> Task<> {
    upgrade.answer(upgrade.request.target() == "/ws?refused" ? 401 : 101);
    upgrade.answer(500);  // what comes after does not count
    upgrade.stream->socket().write_some(boost::asio::buffer("taken", 5));
    co_return;
  };
  extras.upgrades = {{"/ws", handler}};
  start();
  for (const std::string target : {"/ws", "/ws?refused", "/ws?refused"}) {
    RawClient one(port());
    one.send("GET " + target +
             " HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    EXPECT_EQ(one.read_all(), "taken");
  }
  const std::string counted = metrics.text();
  const std::string row = "stoa_http_requests_total{method=\"*\",route=\"upgraded\",status=";
  EXPECT_NE(counted.find(row + "\"101\"} 1"), std::string::npos) << counted;
  EXPECT_NE(counted.find(row + "\"401\"} 2"), std::string::npos);
  EXPECT_EQ(counted.find(row + "\"500\"}"), std::string::npos);
}

TEST_F(DispatchTest, JudgesNoQueryThatNobodyReads) {
  static const std::array<Asset, 1> assets = {Asset{"/index.html", "page"}};
  extras.assets = {assets};
  const std::string many = [] {
    std::string out;
    for (int i = 0; i < 100; ++i) out += "a" + std::to_string(i) + "&";
    return out;
  }();
  for (const std::string query :
       {"a=1&a=2", "%zz", "%ff%00", "a[]=|{}^`\"<>\\", "\xC3\xBC=\xFF", "&&=&?/", many.c_str()}) {
    EXPECT_EQ(client().get("/?" + query).status, 200) << query;
    EXPECT_EQ(client().get("/healthz?" + query).status, 200) << query;
    EXPECT_EQ(client().send_json("POST", kCreate + "?" + query, R"({"text":"a"})", kLearner).status,
              201)
        << query;
  }
  EXPECT_EQ(client().get("/api/notes?q=[\xC3\xBC|]").body, "{\"text\":\"[\xC3\xBC|]:20\"}");
}

struct BadTarget {
  const char* name;
  const char* target;
};
class TargetTest : public ServerTest, public ::testing::WithParamInterface<BadTarget> {};

TEST_P(TargetTest, IsRefused) {
  start();
  RawClient client(port());
  EXPECT_EQ(client.get(GetParam().target).status, 400);
}

INSTANTIATE_TEST_SUITE_P(
    Targets, TargetTest,
    ::testing::Values(
        BadTarget{"EncodedSlash", "/api%2Fnotes"}, BadTarget{"EncodedBackslash", "/api/a%5cb"},
        BadTarget{"Backslash", "/api\\notes"}, BadTarget{"Nul", "/api/%00"},
        BadTarget{"NulInQuery", "/api/notes?q=%00"}, BadTarget{"InvalidUtf8", "/api/%ff"},
        BadTarget{"InvalidUtf8InQuery", "/api/notes?q=%c0%af"},
        BadTarget{"RawInvalidUtf8InQuery", "/api/notes?q=\xc0\xaf"},
        BadTarget{"RawByteInPath", "/api/\xC3\xBC"},
        BadTarget{"Surrogate", "/api/notes?q=%ed%a0%80"}, BadTarget{"DotDot", "/api/../etc"},
        BadTarget{"Dot", "/./api"}, BadTarget{"EncodedDotDot", "/api/%2e%2e/etc"},
        BadTarget{"DoubledSlash", "//api/notes"}, BadTarget{"BrokenPercent", "/api/%4"},
        BadTarget{"BrokenPercentHex", "/api/%zz"}, BadTarget{"EncodedControl", "/api/%0a"},
        BadTarget{"RepeatedParameter", "/api/notes?q=a&q=b"},
        BadTarget{"RepeatedEncodedParameter", "/api/notes?q=a&%71=b"},
        BadTarget{"Fragment", "/api/notes#a"}, BadTarget{"NoSlash", "api/notes"}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace stoa::http::test
