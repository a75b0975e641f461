// What is sent and what is answered: messages, connections, TLS.
#include "support.hpp"

#include <cstdlib>
#include <fstream>

namespace stoa::fetch::test {
namespace {

TEST(Encoding, IsWhatFormsTake) {
  EXPECT_EQ(form_encoded({{"a b", "c&d=e+f"}, {"metadata[id]", "\xC3\xA4~-._"}, {"x", ""}}),
            "a%20b=c%26d%3De%2Bf&metadata%5Bid%5D=%C3%A4~-._&x=");
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(AnAnswer, SaysWhetherAndWhenToAskAgain) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    EXPECT_TRUE(Answer{status}.may_pass()) << status;
  }
  for (const int status : {200, 302, 400, 401, 404, 409, 410, 422, 501, 505}) {
    EXPECT_FALSE(Answer{status}.may_pass()) << status;
  }
  const auto wait = [](std::string value) {
    return Answer{503, {{"retry-after", std::move(value)}}}.retry_after();
  };
  EXPECT_EQ(wait("120"), std::chrono::seconds(120));
  EXPECT_EQ(wait("99999999999999"), std::chrono::hours(24));
  for (const char* other : {"", "-1", "12s", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_FALSE(wait(other)) << other;
  }
}

TEST_F(FetchTest, SendsWhatItIsGivenAndNothingOfItsOwn) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  const Client test = client({peer.url()});
  fetcher().start();
  // Neither has a say.
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  const std::string large(2'000'000, 'b');
  ASSERT_TRUE(send(test, {.method = Method::post,
                          .url = peer.url("/a/../b%2F?q=1#part"),
                          .headers = {{"X-Empty", ""}, {"Content-Type", "text/plain"}},
                          .body = large})
                  .answer);
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  const Seen seen = peer.seen().at(0);
  EXPECT_EQ(seen.body, large);
  EXPECT_EQ(seen.head,
            "POST /a/../b%2F?q=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
                "\r\nAccept: */*\r\nX-Empty:\r\nContent-Type: text/plain\r\n"
                "User-Agent: Stoa\r\nContent-Length: 2000000\r\n\r\n");
}

TEST_F(FetchTest, SpeaksEveryMethod) {
  Peer peer([](const Seen& seen) {
    return seen.line().starts_with("HEAD") ? Reply{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"}
                                           : reply("200 OK", seen.body);
  });
  const Client test = client({peer.url()});
  fetcher().start();
  const std::vector<std::pair<Method, std::string>> all = {
      {Method::get, "GET"}, {Method::head, "HEAD"},   {Method::post, "POST"},
      {Method::put, "PUT"}, {Method::patch, "PATCH"}, {Method::delete_, "DELETE"}};
  for (const auto& [method, name] : all) {
    const bool has_body = method != Method::get && method != Method::head;
    const auto result =
        send(test, {.method = method, .url = peer.url(), .body = has_body ? "it" : ""});
    ASSERT_TRUE(result.answer) << name;
    EXPECT_EQ(peer.seen().back().line(), name + " / HTTP/1.1");
    EXPECT_EQ(result.answer->body, has_body ? "it" : "");
  }
  ASSERT_TRUE(send(test, {.method = Method::post, .url = peer.url()}).answer);
  EXPECT_TRUE(peer.seen().back().has("Content-Length: 0"));
  EXPECT_FALSE(peer.seen().back().has("Content-Type"));
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(FetchTest, ReadsTheLastHeadAndNoTrailer) {
  Peer peer([](const Seen&) {
    return Reply{
        "HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n"
        "HTTP/1.1 404 Not Found\r\nX-One:  a \r\nx-one: b\r\nTransfer-Encoding: chunked\r\n"
        "\r\n5\r\nhello\r\n0\r\nX-Late: c\r\n\r\n"};
  });
  const Client test = client({peer.url()});
  fetcher().start();
  const auto answer = get(test, peer.url()).answer.value();
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "hello");
  ASSERT_EQ(answer.headers.size(), 3u);
  EXPECT_EQ(answer.header("x-one"), "a");
  EXPECT_EQ(answer.headers[1].value, "b");
  EXPECT_EQ(answer.header("x-late"), "");
}

TEST_F(FetchTest, KeepsConnectionsForTheNextCall) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  const Client test = client({peer.url()});
  fetcher().start();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(get(test, peer.url()).answer);
  EXPECT_EQ(peer.connections(), 1);
  EXPECT_NE(metrics.text().find("stoa_fetch_connections_total{purpose=\"test\"} 1\n"),
            std::string::npos);
}

TEST_F(FetchTest, KeepsNoneWhereThatIsConfigured) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  config.keep_alive = Duration(0);
  const Client test = client({peer.url()});
  fetcher().start();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(get(test, peer.url()).answer);
  EXPECT_EQ(peer.connections(), 3);
}

// A kept connection may end just when the next request is on its way.
TEST_F(FetchTest, RepeatsByItselfOnlyWhatMayBeRepeated) {
  Peer peer([](const Seen& seen) {
    // The connections that were kept end; those that are opened instead serve.
    if (seen.has("/warm") || seen.connection % 2 == 0) return reply("200 OK", "repeated");
    return Reply{"", Reply::Then::close};
  });
  const Client test = client({peer.url()});
  fetcher().start();
  ASSERT_TRUE(get(test, peer.url("/warm")).answer);
  EXPECT_EQ(get(test, peer.url("/read")).answer->body, "repeated");
}

TEST_F(FetchTest, RepeatsNothingThatMayNotBeDoneTwice) {
  Peer peer([](const Seen& seen) {
    return seen.has("/warm") ? reply("200 OK") : Reply{"", Reply::Then::close};
  });
  const Client test = client({peer.url()});
  fetcher().start();
  ASSERT_TRUE(get(test, peer.url("/warm")).answer);
  const Result result =
      send(test, {.method = Method::post, .url = peer.url("/pay"), .body = "amount"});
  EXPECT_EQ(result.reason, Reason::broken);
  EXPECT_EQ(result.code, Code::upstream_failed);
  EXPECT_TRUE(result.may_be_done);
  EXPECT_EQ(peer.seen().size(), 2u);

  ASSERT_TRUE(get(test, peer.url("/warm")).answer);
  send(test, {.method = Method::post, .url = peer.url("/keyed"), .repeatable = true});
  EXPECT_GT(peer.seen().size(), 4u);
}

TEST_F(FetchTest, SaysWhatCannotBeReached) {
  std::uint16_t closed = 0;
  {
    Peer gone([](const Seen&) { return reply("200 OK"); });
    closed = gone.port();
  }
  const std::string url = "http://127.0.0.1:" + std::to_string(closed);
  Peer odd([](const Seen&) { return Reply{"SSH-2.0-OpenSSH\r\n\r\n", Reply::Then::close}; });
  const std::string nowhere = "http://" + std::string(64, 'a') + ".invalid";  // no name in DNS
  const Client test = client({url, nowhere, odd.url()});
  fetcher().start();
  EXPECT_EQ(get(test, url).reason, Reason::unreachable);
  EXPECT_EQ(get(test, nowhere).reason, Reason::unresolved);
  EXPECT_EQ(get(test, odd.url()).reason, Reason::broken);
}

TEST_F(FetchTest, TrustsNobodyWithoutACertificateForTheName) {
  const Certificate certificate;
  auto tls = certificate.server();
  Peer peer([](const Seen&) { return reply("200 OK", "safe"); }, &tls);
  const Client stranger = client({peer.url("", "localhost")});
  fetcher().start();
  const Result result = get(stranger, peer.url("/", "localhost"));
  EXPECT_EQ(result.reason, Reason::untrusted);
  EXPECT_FALSE(result.may_be_done);
  EXPECT_TRUE(peer.seen().empty());
}

TEST_F(FetchTest, TrustsTheConfiguredAuthorityForItsNamesAlone) {
  const Certificate certificate;
  auto tls = certificate.server();
  config.ca_file = certificate.file();
  Peer peer([](const Seen&) { return reply("302 Found", "", "Location: http://localhost/\r\n"); },
            &tls);
  const Client test = client({peer.url(), peer.url("", "localhost"), "http://localhost"});
  fetcher().start();
  EXPECT_EQ(get(test, peer.url("/", "localhost")).answer->status, 302);
  EXPECT_EQ(get(test, peer.url()).reason, Reason::untrusted);  // it is not called 127.0.0.1
  // Nothing that came over TLS goes on in the clear.
  EXPECT_EQ(send(test, {.url = peer.url("/", "localhost"), .redirects = 1}).reason,
            Reason::redirected);
}

TEST_F(FetchTest, SpeaksNoOldTls) {
  const Certificate certificate;
  auto tls = certificate.server();
  SSL_CTX_set_security_level(tls.native_handle(), 0);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(tls.native_handle(), TLS1_1_VERSION);
  config.ca_file = certificate.file();
  Peer peer([](const Seen&) { return reply("200 OK"); }, &tls);
  const Client test = client({peer.url("", "localhost")});
  fetcher().start();
  EXPECT_EQ(get(test, peer.url("/", "localhost")).reason, Reason::untrusted);
}

}  // namespace
}  // namespace stoa::fetch::test
