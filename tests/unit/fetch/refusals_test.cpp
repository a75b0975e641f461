// What is not called: other hosts, addresses of the own network, and redirects that lead there.
#include "infra/fetch/addresses.hpp"
#include "infra/fetch/policy.hpp"
#include "support.hpp"

#include <boost/asio/ip/address.hpp>

namespace stoa::fetch::test {
namespace {

TEST(Addresses, OfTheOwnNetworkAreNotPublic) {
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.0.1",
                           "168.63.129.16",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.0.1",
                           "198.18.0.1",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::7f00:1",
                           "64:ff9b::7f00:1",
                           "fc00::1",
                           "fd12::1",
                           "fe80::1",
                           "ff02::1",
                           "2002:7f00:1::",
                           "2001:0:1::1",
                           "2001:db8::1"}) {
    EXPECT_FALSE(is_public(asio::ip::make_address(text))) << text;
  }
  for (const char* text : {"1.1.1.1", "100.63.0.1", "172.32.0.1", "192.167.0.1", "223.0.0.1",
                           "::ffff:1.1.1.1", "2606:4700::1111", "2a00:1450::1"}) {
    EXPECT_TRUE(is_public(asio::ip::make_address(text))) << text;
  }
}

TEST_F(FetchTest, CallsNoHostThatThePurposeDoesNotName) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  Peer other([](const Seen&) { return reply("200 OK"); });
  config.hosts = {peer.url(), "example.org", "*.example.org"};
  const Client test = client({peer.url(), other.url(), "a.example.org"});
  fetcher().start();
  EXPECT_EQ(get(test, peer.url()).answer->status, 200);
  const std::string port = std::to_string(peer.port());
  const std::string here = "127.0.0.1:" + port;
  for (const std::string& url : std::vector<std::string>{
           other.url(),             // of the purpose, but not of fetch.hosts
           "https://example.org/",  // the other way round
           "https://" + here,       // another scheme
           "http://127.0.0.1/",     // another port
           "http://localhost:" + port,
           "http://a.example.org/",   // in the clear
           "http://me:word@" + here,  // with a password
           "http://" + here + "@evil.org/",
           "http://evil.org\\@" + here,
           "http://[fe80::1%25lo]:" + port,
           "file:///etc/passwd",
           "gopher://" + here,
           here,
           "http://" + here + "/a b",
           "http://" + here + "/" + std::string(1, '\0'),
           "http://" + here + "/" + std::string(10'000, 'a'),
           "",
       }) {
    EXPECT_EQ(get(test, url).reason, Reason::refused) << url;
  }
  EXPECT_EQ(get(test, other.url()).code, Code::address_refused);
  EXPECT_EQ(other.connections(), 0);
  EXPECT_EQ(peer.seen().size(), 1u);
}

TEST_F(FetchTest, OpensNoConnectionToTheOwnNetworkWhateverTheNameSays) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  const std::string port = std::to_string(peer.port());
  const std::string v6 = "http://[::1]:" + port, mapped = "http://[::ffff:127.0.0.1]:" + port;
  const std::vector<std::string> all = {peer.url(), peer.url("", "localhost"), v6, mapped};
  const Client outside = client(all, false);
  fetcher().start();
  for (const std::string& url : all) {
    const Result result = get(outside, url);
    EXPECT_EQ(result.reason, Reason::refused) << url;
    EXPECT_FALSE(result.may_be_done);
  }
  // A number that is an address in disguise is the same host to the parser.
  EXPECT_EQ(get(outside, "http://0x7f.1:" + port).reason, Reason::refused);
  EXPECT_EQ(peer.connections(), 0);
}

TEST_F(FetchTest, GoesInsideOnlyWhereTheNetworkIsNamed) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  config.private_networks = {"10.0.0.0/8"};
  const Client test = client({peer.url()});
  fetcher().start();
  const Result result = get(test, peer.url());
  EXPECT_EQ(result.reason, Reason::refused);
  EXPECT_EQ(result.text, "refused (fetch.private_networks does not name it)");
  EXPECT_EQ(peer.connections(), 0);
}

TEST(APolicy, RefusesWhatItsNetworksNameWhateverElseDoes) {
  const std::vector<std::string> inside = {"10.0.0.0/8", "fd00::/8"};
  const Policy policy({"example.org"}, {}, inside, {"10.9.0.0/16", "2a00:1450::/32", "1.1.1.1"});
  for (const char* text : {"10.9.0.1", "::ffff:10.9.0.1", "2a00:1450::1", "1.1.1.1", "127.0.0.1"}) {
    EXPECT_FALSE(policy.refusal(asio::ip::make_address(text)).empty()) << text;
  }
  for (const char* text : {"10.8.0.1", "fd00::1", "2a00:1451::1", "1.1.1.2"}) {
    EXPECT_TRUE(policy.refusal(asio::ip::make_address(text)).empty()) << text;
  }
}

TEST(APolicy, SaysWhichKeyRefuses) {
  const auto why = [](const Policy& policy, const char* address) {
    return policy.refusal(asio::ip::make_address(address));
  };
  const std::vector<std::string> inside = {"10.0.0.0/8"}, none;
  const Policy ours({"a.example", "b.example"}, {"a.example"}, inside, {"10.9.0.0/16"});
  EXPECT_EQ(why(ours, "10.1.0.1"), "");
  EXPECT_EQ(why(ours, "10.9.0.1"), "fetch.refused_networks names it");
  EXPECT_EQ(why(ours, "192.168.0.1"), "fetch.private_networks does not name it");
  const Policy strangers({"a.example"}, {}, std::nullopt, none);
  EXPECT_EQ(why(strangers, "10.1.0.1"), "its address is private");
  EXPECT_EQ(ours.refusal(*Target::parse("https://a.example/")), "");
  EXPECT_EQ(ours.refusal(*Target::parse("https://b.example/")), "fetch.hosts does not name it");
  EXPECT_EQ(ours.refusal(*Target::parse("https://c.example/")),
            "it is none of the hosts that are called for this");
}

TEST_F(FetchTest, GoesNowhereInARefusedNetwork) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  config.refused_networks = {"127.0.0.0/8"};
  const Client test = client({peer.url()});
  fetcher().start();
  EXPECT_EQ(get(test, peer.url()).reason, Reason::refused);
  EXPECT_EQ(peer.connections(), 0);
}

TEST_F(FetchTest, IsUnreachableWhereOnlySomeAddressesAreRefused) {
  std::uint16_t closed = 0;
  {
    Peer gone([](const Seen&) { return reply("200 OK"); });
    closed = gone.port();
  }
  config.private_networks = {"127.0.0.1"};  // "localhost" is ::1 too
  const std::string url = "http://localhost:" + std::to_string(closed);
  const Client test = client({url});
  fetcher().start();
  EXPECT_EQ(get(test, url).reason, Reason::unreachable);
}

TEST_F(FetchTest, LendsNoConnectionToAPurposeThatMayNotHaveIt) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  const Client inside = client({peer.url()}, true, "inside");
  const Client outside = client({peer.url()}, false, "outside");
  fetcher().start();
  ASSERT_TRUE(get(inside, peer.url()).answer);
  EXPECT_EQ(get(outside, peer.url()).reason, Reason::refused);
  EXPECT_EQ(peer.seen().size(), 1u);
}

TEST_F(FetchTest, FollowsNoRedirectUnlessAsked) {
  Peer peer([](const Seen&) { return reply("302 Found", "", "Location: /next\r\n"); });
  const Client test = client({peer.url()});
  fetcher().start();
  const Result result = get(test, peer.url());
  EXPECT_EQ(result.answer->status, 302);
  EXPECT_EQ(result.answer->header("location"), "/next");
  EXPECT_EQ(peer.seen().size(), 1u);
}

TEST_F(FetchTest, FollowsAsManyAsAskedAndTakesNoSecretsToAnotherHost) {
  Peer other([](const Seen&) { return reply("200 OK", "there"); });
  Peer peer([&](const Seen& seen) {
    if (seen.has("/first")) return reply("303 See Other", "", "Location: second\r\n");
    return reply("307 Temporary Redirect", "", "Location: " + other.url("/third") + "\r\n");
  });
  const Client test = client({peer.url(), other.url()});
  fetcher().start();
  Request request{.method = Method::post,
                  .url = peer.url("/first"),
                  .headers = {{"Authorization", "Bearer secret"}, {"Accept", "text/plain"}},
                  .body = "body",
                  .redirects = 2};
  EXPECT_EQ(send(test, request).answer->body, "there");
  ASSERT_EQ(peer.seen().size(), 2u);
  EXPECT_EQ(peer.seen()[1].line(), "GET /second HTTP/1.1");
  EXPECT_TRUE(peer.seen()[1].has("Authorization: Bearer secret"));
  EXPECT_EQ(peer.seen()[1].body, "");
  EXPECT_FALSE(other.seen().at(0).has("secret"));
  EXPECT_TRUE(other.seen().at(0).has("Accept: text/plain"));

  request.redirects = 1;
  EXPECT_EQ(send(test, request).reason, Reason::redirected);
  EXPECT_EQ(other.seen().size(), 1u);
}

TEST_F(FetchTest, TakesNoBodyToAnotherOrigin) {
  Peer other([](const Seen&) { return reply("200 OK", "there"); });
  std::string status, location;
  Peer peer([&](const Seen& seen) {
    if (seen.has("/own")) return reply("200 OK", seen.body);
    return reply(status, "", "Location: " + location + "\r\n");
  });
  const Client test = client({peer.url(), other.url()});
  fetcher().start();
  const auto follow = [&](Method method, std::string_view with, std::string to, std::string body) {
    status = with;
    location = std::move(to);
    return send(test,
                {.method = method, .url = peer.url(), .body = std::move(body), .redirects = 1});
  };
  const std::string there = other.url("/there");
  for (const auto& [method, with] :
       std::vector<std::pair<Method, std::string>>{{Method::post, "307 Temporary Redirect"},
                                                   {Method::post, "308 Permanent Redirect"},
                                                   {Method::put, "301 Moved Permanently"},
                                                   {Method::put, "302 Found"}}) {
    EXPECT_EQ(follow(method, with, there, "secret").reason, Reason::redirected) << with;
  }
  EXPECT_EQ(other.connections(), 0);
  EXPECT_EQ(follow(Method::post, "307 Temporary Redirect", "/own", "kept").answer->body, "kept");
  EXPECT_EQ(follow(Method::post, "302 Found", there, "left behind").answer->body, "there");
  EXPECT_EQ(follow(Method::put, "307 Temporary Redirect", there, "").answer->body, "there");
  EXPECT_EQ(other.seen().at(0).body, "");
}

TEST_F(FetchTest, FollowsNoRedirectToWhatItMayNotCall) {
  std::string location;
  Peer peer([&](const Seen&) { return reply("302 Found", "", "Location: " + location + "\r\n"); });
  Peer inside([](const Seen&) { return reply("200 OK"); });
  // The first address alone may be called; all of 127.0.0.0/8 is this machine.
  const std::string port = std::to_string(inside.port());
  config.private_networks = {"127.0.0.1"};
  const Client test = client({peer.url(), "http://127.0.0.2:" + port});
  fetcher().start();
  const auto follow = [&](const std::string& to) {
    location = to;
    return send(test, {.url = peer.url(), .redirects = 3});
  };
  EXPECT_EQ(follow(inside.url()).reason, Reason::refused);
  EXPECT_EQ(follow("http://127.0.0.2:" + port + "/").reason, Reason::refused);
  EXPECT_EQ(follow("file:///etc/passwd").reason, Reason::redirected);
  EXPECT_EQ(follow("http://me:word@127.0.0.2:" + port + "/").reason, Reason::redirected);
  EXPECT_EQ(inside.connections(), 0);
}

TEST_F(FetchTest, SendsNoHeaderThatIsTwo) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  const Client test = client({peer.url()});
  fetcher().start();
  for (const Header& header :
       {Header{"X-Name", "a\r\nX-Other: b"}, Header{"X Name", "a"}, Header{"X:Name", "a"},
        Header{"", "a"}, Header{"Host", "evil.org"}, Header{"Content-length", "3"},
        Header{"Transfer-Encoding", "chunked"}}) {
    EXPECT_THROW(send(test, {.url = peer.url(), .headers = {header}}), std::logic_error)
        << header.name;
  }
  EXPECT_EQ(peer.connections(), 0);
}

}  // namespace
}  // namespace stoa::fetch::test
