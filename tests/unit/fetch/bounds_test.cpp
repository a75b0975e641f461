// Sizes, times, numbers, and the ends of calls.
#include "support.hpp"

#include <chrono>
#include <optional>
#include <vector>

#include <boost/asio/post.hpp>

namespace stoa::fetch::test {
namespace {

using namespace std::chrono_literals;

TEST_F(FetchTest, TakesNoMoreOfAnAnswerThanItsBound) {
  std::string head;
  Peer peer([&](const Seen&) { return Reply{head, Reply::Then::flood}; });
  config.max_answer_bytes = {10'000};
  const Client test = client({peer.url()});
  fetcher().start();
  for (const char* form :
       {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Long: "}) {
    head = form;
    const Result result = get(test, peer.url());
    EXPECT_FALSE(result.answer) << form;
    EXPECT_TRUE(eventually([&] { return peer.open() == 0; })) << form;
  }
  head = "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n";
  EXPECT_EQ(get(test, peer.url()).reason, Reason::too_large);
  EXPECT_EQ(send(test, {.url = peer.url(), .max_answer_bytes = 40'000}).answer->body.size(),
            20'000u);
}

TEST_F(FetchTest, SendsNoBodyBeyondItsBound) {
  Peer peer([](const Seen&) { return reply("200 OK"); });
  config.max_request_bytes = {1000};
  const Client test = client({peer.url()});
  fetcher().start();
  const auto post = [&](std::size_t size) {
    return send(test, {.method = Method::post, .url = peer.url(), .body = std::string(size, 'x')});
  };
  EXPECT_TRUE(post(1000).answer);
  EXPECT_EQ(post(1001).reason, Reason::too_large);
  EXPECT_EQ(peer.seen().size(), 1u);
}

TEST_F(FetchTest, WaitsNoLongerThanItsTimeLimit) {
  Peer peer([](const Seen&) { return kSilence; });
  const Client test = client({peer.url()});
  fetcher().start();
  EXPECT_TRUE(at_any_pace(100ms, [&](auto limit) {
    const auto before = peer.seen().size();
    const auto began = std::chrono::steady_clock::now();
    const Result result =
        send(test, {.method = Method::post, .url = peer.url(), .time_limit = limit});
    EXPECT_GE(std::chrono::steady_clock::now() - began, limit);
    EXPECT_EQ(result.reason, Reason::timed_out);
    EXPECT_EQ(result.code, Code::upstream_timeout);
    if (peer.seen().size() == before) return false;
    EXPECT_TRUE(result.may_be_done);
    return true;
  }));
}

TEST_F(FetchTest, EndsAnAnswerThatTrickles) {
  Peer peer([](const Seen&) {
    return Reply{"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", Reply::Then::trickle};
  });
  config.stall_timeout = 1s;
  config.progress_bytes = {100'000};
  config.time_limit = 1h;
  const Client test = client({peer.url()});
  fetcher().start();
  EXPECT_EQ(get(test, peer.url()).reason, Reason::stalled);
}

TEST_F(FetchTest, WaitsNoLongerForAConnectionThanConfigured) {
  Peer deaf([](const Seen&) { return kSilence; });  // it waits for a request, not for TLS
  const std::string url = deaf.url("", "localhost").replace(0, 4, "https");
  config.connect_timeout = 100ms;
  const Client test = client({url});
  fetcher().start();
  const Result result = get(test, url);
  EXPECT_EQ(result.reason, Reason::unreachable);
  EXPECT_FALSE(result.may_be_done);
}

TEST_F(FetchTest, RefusesAtOnceWhatHasNoPlaceInTheQueue) {
  Peer peer([](const Seen&) { return kSilence; });
  config.calls = 2;
  config.calls_per_purpose = 1;
  config.queue = 1;
  const Client slow = client({peer.url()}, true, "slow");
  Peer quick([](const Seen&) { return reply("200 OK"); });
  const Client other = client({quick.url()}, true, "other");
  fetcher().start();

  net::Runtime runtime(1);
  runtime.start();
  std::vector<Result> results(3);
  const auto begin = [&](std::size_t i) {
    runtime.on_every_shard([&](net::Shard& shard) {
      shard.tasks.spawn("call", attempt(slow, {.url = peer.url()}, &results[i]));
    });
  };
  begin(0);
  ASSERT_TRUE(eventually([&] { return peer.seen().size() == 1; }));
  begin(1);
  // The third has no place; the other purpose has, and takes its turn at once.
  const Result refused = get(slow, peer.url());
  EXPECT_EQ(refused.code, Code::overloaded);
  EXPECT_FALSE(refused.reason);
  EXPECT_TRUE(get(other, quick.url()).answer);
  EXPECT_EQ(peer.seen().size(), 1u);
  EXPECT_NE(metrics.text().find("stoa_fetch_queue{purpose=\"slow\"} 1\n"), std::string::npos);
  runtime.stop();
  EXPECT_TRUE(results[0].is_aborted);
  EXPECT_TRUE(results[1].is_aborted);
}

TEST_F(FetchTest, CountsTheWaitForATurnAsTime) {
  Peer peer([](const Seen&) { return kSilence; });
  config.calls = config.calls_per_purpose = 1;
  const Client test = client({peer.url()});
  fetcher().start();
  EXPECT_TRUE(at_any_pace(300ms, [&](auto limit) {
    const auto before = peer.seen().size();
    const auto results = send_all(test, {{.url = peer.url(), .time_limit = limit},
                                         {.url = peer.url(), .time_limit = limit / 3}});
    EXPECT_EQ(results[0].reason, Reason::timed_out);
    EXPECT_EQ(results[1].reason, Reason::timed_out);
    EXPECT_FALSE(results[1].may_be_done);
    if (peer.seen().size() == before) return false;
    EXPECT_TRUE(results[0].may_be_done);
    EXPECT_EQ(peer.seen().size(), before + 1);
    return true;
  }));
}

TEST_F(FetchTest, ServesAllThatWait) {
  Peer peer([](const Seen& seen) { return reply("200 OK", seen.line()); });
  config.calls = config.calls_per_purpose = 3;
  const Client test = client({peer.url()});
  fetcher().start();
  std::vector<Request> requests;
  for (int i = 0; i < 60; ++i) requests.push_back({.url = peer.url("/" + std::to_string(i))});
  const auto results = send_all(test, requests);
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(results[static_cast<std::size_t>(i)].answer->body,
              "GET /" + std::to_string(i) + " HTTP/1.1");
  }
  EXPECT_LE(peer.connections(), 3);
}

// Two calls of a shard to a peer that says nothing, of which one may be under way.
class TwoCalls : public FetchTest {
 protected:
  void begin() {
    config.calls = config.calls_per_purpose = 1;
    test.emplace(client({peer.url()}));
    fetcher().start();
    runtime.start();
    runtime.on_every_shard([this](net::Shard& shard) {
      for (Result& result : results) {
        shard.tasks.spawn("call", attempt(*test, {.url = peer.url()}, &result));
      }
    });
    ASSERT_TRUE(eventually([this] { return peer.open() == 1; }));
  }

  Peer peer{[](const Seen&) { return kSilence; }};
  std::optional<Client> test;
  std::vector<Result> results = std::vector<Result>(2);
  net::Runtime runtime{1};
};

TEST_F(TwoCalls, LetsGoOfACallWhoseCoroutineIsCancelled) {
  begin();
  runtime.on_every_shard([](net::Shard& shard) { shard.tasks.cancel(); });
  EXPECT_TRUE(eventually([&] { return peer.open() == 0; }));
  runtime.stop();
  EXPECT_TRUE(results[0].is_aborted);  // it was under way
  // It waited, or had begun for a moment in the first one's place.
  EXPECT_TRUE(results[1].is_aborted);
  const std::string text = metrics.text();
  EXPECT_NE(text.find("stoa_fetch_running{purpose=\"test\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("stoa_fetch_calls_total{outcome=\"cancelled\",purpose=\"test\"} 2\n"),
            std::string::npos)
      << text;
}

TEST_F(TwoCalls, EndsWhatIsUnderWayWhenItStops) {
  begin();
  fetcher().stop();
  EXPECT_EQ(get(*test, peer.url()).code, Code::shutting_down);
  runtime.stop();
  EXPECT_EQ(results[0].code, Code::shutting_down);
  EXPECT_EQ(results[1].code, Code::shutting_down);
}

TEST_F(FetchTest, LogsNeitherPathNorQueryNorHeaders) {
  Peer peer([](const Seen&) { return Reply{"", Reply::Then::close}; });
  const Client test = client({peer.url()});
  fetcher().start();
  testing::internal::CaptureStderr();
  send(test, {.method = Method::post,
              .url = peer.url("/hook-secret?token=query-secret"),
              .headers = {{"Authorization", "header-secret"}},
              .body = "body-secret"});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("\"purpose\":\"test\",\"host\":\"127.0.0.1\",\"reason\":\"broken\""),
            std::string::npos)
      << log;
  EXPECT_EQ(log.find("secret"), std::string::npos) << log;
}

}  // namespace
}  // namespace stoa::fetch::test
