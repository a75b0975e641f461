// When the keys of an issuer are fetched, and who waits for it. The issuer is a peer of the test's own.
#include "../fetch/support.hpp"
#include "../support/eventually.hpp"

#include <stoa/net/runtime.hpp>
#include <stoa/oidc/key_set.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

namespace stoa::oidc {
namespace {

using namespace std::chrono_literals;
using fetch::test::Peer;
using fetch::test::reply;
using stoa::test::eventually;

std::string key_named(const std::string& kid) {
  return R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":")" +
         kid + "\"}";
}

class KeySetTest : public fetch::test::FetchTest {
 protected:
  KeySetTest() : runtime_(2) {}
  ~KeySetTest() override {
    if (keys_) keys_->stop();
    runtime_.stop();
  }

  KeySet& keys(KeyOptions options = {}) {
    keys_ = std::make_unique<KeySet>(
        runtime_, client({peer_.url()}),
        KeySource{"test", peer_.url(""), peer_.url("/document"), jwks_url_}, options);
    fetcher().start();
    runtime_.start();
    return *keys_;
  }
  // "key", "none", or the code of what was thrown; on a shard.
  std::future<std::string> ask(const std::string& kid, std::size_t shard = 1) {
    auto told = std::make_shared<std::promise<std::string>>();
    auto answer = told->get_future();
    asio::co_spawn(runtime_.shard(shard).context, find(keys_.get(), kid, told),
                   [](const std::exception_ptr&) {});
    return answer;
  }
  std::string result(const std::string& kid) { return ask(kid).get(); }
  void serve(const std::string& status, const std::string& body, const std::string& headers = "") {
    const std::lock_guard lock(mutex_);
    status_ = status;
    body_ = body;
    headers_ = headers;
  }
  void serve_keys(const std::string& kid, const std::string& headers = "") {
    serve("200 OK", "{\"keys\":[" + key_named(kid) + "]}", headers);
  }
  // Answers are kept back until the promise is kept.
  void hold(std::promise<void>& open) {
    const std::lock_guard lock(mutex_);
    gate_ = open.get_future().share();
  }
  std::size_t asked() const { return peer_.seen().size(); }

  std::string jwks_url_;

 private:
  static Task<> find(KeySet* keys, std::string kid,
                     std::shared_ptr<std::promise<std::string>> told) {
    try {
      const auto key = co_await keys->find(std::move(kid), Algorithm::EdDSA);
      told->set_value(key ? "key" : "none");
    } catch (const Error& error) {
      told->set_value(std::string(error.code().wire));
    }
  }

  std::mutex mutex_;
  std::shared_future<void> gate_;
  std::string status_ = "200 OK", body_, headers_;

 protected:
  Peer peer_{[this](const fetch::test::Seen&) {
    std::unique_lock lock(mutex_);
    if (const auto gate = gate_; gate.valid()) {
      lock.unlock();
      gate.wait();
      lock.lock();
    }
    return reply(status_, body_, headers_);
  }};

 private:
  net::Runtime runtime_;
  std::unique_ptr<KeySet> keys_;
};

TEST_F(KeySetTest, AllWhoWantAnUnknownKeyWaitForOneFetch) {
  jwks_url_ = peer_.url("/keys");
  serve_keys("a");
  std::promise<void> open;
  hold(open);
  KeySet& set = keys();
  std::vector<std::future<std::string>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(ask(i % 2 == 0 ? "a" : "b", i % 2));
  ASSERT_TRUE(eventually([&] { return asked() == 1; }));
  open.set_value();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(answers[i].get(), i % 2 == 0 ? "key" : "none");
  EXPECT_EQ(result("c"), "none") << "not sooner than in half a minute";
  EXPECT_EQ(set.fetches(), 1u);
}

TEST_F(KeySetTest, AKnownKeyNeverWaitsForAFetchThatIsUnderWay) {
  jwks_url_ = peer_.url("/keys");
  serve_keys("a");
  keys({.fetch_interval = 1ms});
  ASSERT_EQ(result("a"), "key");
  std::promise<void> open;
  hold(open);
  std::future<std::string> unknown;
  ASSERT_TRUE(eventually([&] {
    // Until the time for the next fetch has come it is answered at once.
    if (!unknown.valid() || unknown.wait_for(0s) == std::future_status::ready)
      unknown = ask("b", 0);
    return asked() == 2;
  }));
  EXPECT_EQ(result("a"), "key");
  open.set_value();
  EXPECT_EQ(unknown.get(), "none");
}

TEST_F(KeySetTest, KeysOverTheirTimeAreRenewedBehindWhoAsks) {
  jwks_url_ = peer_.url("/keys");
  serve_keys("a");
  keys({.least_age = 1ms, .fetch_interval = 1ms});
  ASSERT_EQ(result("a"), "key");
  serve_keys("b");
  ASSERT_TRUE(eventually([&] { return result("a") == "none"; }));
  EXPECT_EQ(result("b"), "key");
}

TEST_F(KeySetTest, WithoutAnyKeysTheDoorIsClosedAndTriedEverMoreSeldom) {
  jwks_url_ = peer_.url("/keys");
  serve("503 Service Unavailable", "");
  KeySet& set = keys();
  EXPECT_EQ(result("a"), "PROVIDER_UNAVAILABLE");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(result("a"), "PROVIDER_UNAVAILABLE");
  EXPECT_EQ(set.fetches(), 1u) << "not within a second";
  ASSERT_TRUE(
      eventually([&] { return result("a") == "PROVIDER_UNAVAILABLE" && set.fetches() == 2; }));
  serve_keys("a");
  ASSERT_TRUE(eventually([&] { return result("a") == "key"; }));
}

TEST_F(KeySetTest, AnAnswerThatIsNoSetOfKeysLeavesThoseThatAreKnown) {
  jwks_url_ = peer_.url("/keys");
  serve_keys("a");
  KeySet& set = keys({.least_age = 1ms, .fetch_interval = 1ms});
  ASSERT_EQ(result("a"), "key");
  for (const char* body : {"", "{}", "{\"keys\":[]}", "<html>"}) {
    serve("200 OK", body);
    const auto before = set.fetches();
    ASSERT_TRUE(eventually([&] { return result("a") == "key" && set.fetches() > before + 1; }));
  }
  EXPECT_EQ(result("a"), "key");
}

TEST_F(KeySetTest, WhoWaitsIsToldThatTheServerStops) {
  jwks_url_ = peer_.url("/keys");
  std::promise<void> open;
  hold(open);
  KeySet& set = keys();
  auto waiting = ask("a");
  ASSERT_TRUE(eventually([&] { return asked() == 1; }));
  set.stop();
  EXPECT_EQ(waiting.get(), "SHUTTING_DOWN");
  open.set_value();
}

TEST_F(KeySetTest, NoMoreWaitThanMay) {
  jwks_url_ = peer_.url("/keys");
  serve_keys("a");
  std::promise<void> open;
  hold(open);
  keys({.waiting = 2});
  std::vector<std::future<std::string>> answers;
  for (int i = 0; i < 3; ++i) answers.push_back(ask("a"));
  EXPECT_EQ(answers[2].get(), "OVERLOADED");
  open.set_value();
  EXPECT_EQ(answers[0].get() + answers[1].get(), "keykey");
}

TEST(MaxAge, IsWhatTheAnswerSays) {
  EXPECT_EQ(max_age_of("public, max-age=22896, must-revalidate, no-transform"), 22896s);
  EXPECT_EQ(max_age_of("max-age=60"), 60s);
  for (const char* text :
       {"", "public", "max-age=", "max-age=x", "max-age=-5", "max-age=60, no-store", "no-cache"}) {
    EXPECT_EQ(max_age_of(text), 0s) << text;
  }
  EXPECT_EQ(max_age_of("max-age=999999999999"), std::chrono::seconds(365 * 24 * 3600));
}

}  // namespace
}  // namespace stoa::oidc
