// What a client may ask for: windows of requests, events and bytes that come back with time, and how many clients are counted.
#include <stoa/net/rate_limiter.hpp>

#include <gtest/gtest.h>

namespace stoa::net {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using Clock = RateLimiter::Clock;

const RateKey kAda = RateKey::of(UserId::make());
const RateKey kBen = RateKey::of(UserId::make());

TEST(RateLimiter, CountsWindowsOfEachKey) {
  config::RateLimits options;
  options.read = {2, 10s};
  RateLimiter limiter(options);
  const RateKey a{1, 1}, b{1, 2};
  const Clock::time_point start{};
  EXPECT_EQ(limiter.count(Limit::read, a, start)->remaining, 1U);
  EXPECT_TRUE(limiter.count(Limit::read, a, start + 9s)->allowed);
  const auto refused = limiter.count(Limit::read, a, start + 9500ms);
  EXPECT_FALSE(refused->allowed);
  EXPECT_EQ(refused->reset, 1s);
  EXPECT_TRUE(limiter.count(Limit::read, b, start + 9s)->allowed);
  EXPECT_TRUE(limiter.count(Limit::write, a, start + 9s)->allowed);
  EXPECT_TRUE(limiter.count(Limit::read, a, start + 10s)->allowed);
  EXPECT_FALSE(limiter.count(Limit::none, a, start));
}

TEST(RateLimiter, KeepsAtMostAsManyAsConfigured) {
  config::RateLimits options;
  options.tracked = 480;
  RateLimiter limiter(options);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const RateKey key{i, i * 7919};
    limiter.count(Limit::read, key, Clock::time_point{});
    limiter.draw_events(key, 1, Clock::time_point{});
    limiter.draw_bytes(Limit::read, key, 1, Clock::time_point{});
  }
  EXPECT_LE(limiter.tracked(), 480U);
}

TEST(RateLimiter, CountsIpv6ByItsNetwork) {
  const auto key = [](const char* text) { return RateKey::of(make_address(text)); };
  EXPECT_EQ(key("2001:db8::1"), key("2001:db8::ffff:1"));
  EXPECT_FALSE(key("2001:db8::1") == key("2001:db8:0:1::1"));
  EXPECT_EQ(key("::ffff:1.2.3.4"), key("1.2.3.4"));
  EXPECT_FALSE(key("1.2.3.4") == key("1.2.3.5"));
}

TEST(RateLimiter, CanBeSwitchedOff) {
  config::RateLimits options;
  options.enabled = false;
  options.events = {1, 10s};
  RateLimiter limiter(options);
  EXPECT_FALSE(limiter.count(Limit::sensitive, RateKey{}, {}));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.draw_events(kAda, 1, {}));
}

TEST(RateLimiter, EventsComeBackWithTime) {
  config::RateLimits options;
  options.events = {4, 8s};
  RateLimiter limiter(options);
  const Clock::time_point start{};
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(limiter.draw_events(kAda, 1, start));
  EXPECT_EQ(limiter.draw_events(kAda, 1, start), 2s);
  EXPECT_EQ(limiter.draw_events(kAda, 1, start + 1500ms), 1s);
  EXPECT_FALSE(limiter.draw_events(kBen, 1, start)) << "others have their own";
  EXPECT_FALSE(limiter.draw_events(kAda, 1, start + 2s)) << "what was refused has cost nothing";
  EXPECT_TRUE(limiter.draw_events(kAda, 1, start + 2s));
  EXPECT_FALSE(limiter.draw_events(kAda, 1000, start + 1h))
      << "a whole bucket is enough for anything";
  EXPECT_EQ(limiter.draw_events(kAda, 1, start + 1h), 2s);
}

TEST(RateLimiter, GuestsOfAnAddressHaveMoreThanAPerson) {
  config::RateLimits options;
  options.events = {1, 10s};
  options.guest_events = {3, 10s};
  RateLimiter limiter(options);
  const RateKey school = RateKey::of_address("203.0.113.7");
  EXPECT_EQ(school, RateKey::of(make_address("203.0.113.7")));
  EXPECT_FALSE(limiter.draw_events(kAda, 1, {}));
  EXPECT_TRUE(limiter.draw_events(kAda, 1, {}));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.draw_events(school, 1, {}));
  EXPECT_TRUE(limiter.draw_events(school, 1, {}));
}

TEST(RateLimiter, WhoHasHadTooManyBytesReadsNoMoreForAWhile) {
  config::RateLimits options;
  options.answers = {{1000}, 10s};
  RateLimiter limiter(options);
  const Clock::time_point start{};
  const auto read = [&](const RateKey& key, Clock::duration after) {
    return limiter.count(Limit::read, key, start + after);
  };
  limiter.draw_bytes(Limit::read, kAda, 1000, start);
  EXPECT_TRUE(read(kAda, 0s)->allowed);
  limiter.draw_bytes(Limit::read, kAda, 500, start);
  const auto refused = read(kAda, 0s);
  EXPECT_FALSE(refused->allowed);
  EXPECT_EQ(refused->remaining, 0U);
  EXPECT_EQ(refused->reset, 5s);
  EXPECT_TRUE(limiter.count(Limit::write, kAda, start)->allowed) << "what changes things goes on";
  EXPECT_TRUE(read(kBen, 0s)->allowed);
  EXPECT_TRUE(read(kAda, 5s)->allowed);
}

TEST(RateLimiter, WhoHasStoredTooManyBytesChangesNothingForAWhile) {
  config::RateLimits options;
  options.changes = {{1000}, 10s};
  RateLimiter limiter(options);
  limiter.draw_bytes(Limit::write, kAda, 1500, {});
  const auto refused = limiter.count(Limit::write, kAda, {});
  EXPECT_FALSE(refused->allowed);
  EXPECT_EQ(refused->reset, 5s);
  EXPECT_TRUE(limiter.count(Limit::read, kAda, {})->allowed) << "what reads goes on";
  EXPECT_TRUE(limiter.count(Limit::write, kBen, {})->allowed);
}

TEST(RateLimiter, BytesCountForPeopleAlone) {
  config::RateLimits options;
  options.answers = {{1000}, 10s};
  RateLimiter limiter(options);
  const RateKey school = RateKey::of_address("203.0.113.7");
  limiter.draw_bytes(Limit::read, school, 5000, {});
  limiter.draw_bytes(Limit::none, kAda, 5000, {});
  EXPECT_TRUE(limiter.count(Limit::read, school, {})->allowed);
  EXPECT_TRUE(limiter.count(Limit::read, kAda, {})->allowed);
}

}  // namespace
}  // namespace stoa::net
