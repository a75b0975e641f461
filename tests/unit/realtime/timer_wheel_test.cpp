// When sessions are looked at: not sooner than they want, hardly later, and for nothing in between.
#include "realtime/timers.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::realtime::test {
namespace {

using namespace std::chrono_literals;
using WheelTime = TimerWheel::Clock::time_point;

// Sleeps until the next entry, as often as there is one until `end`; who came up when.
std::multimap<WheelTime, std::uint64_t> turn(TimerWheel& wheel, WheelTime end) {
  std::multimap<WheelTime, std::uint64_t> out;
  while (!wheel.empty() && wheel.next() <= end) {
    const WheelTime now = wheel.next();
    wheel.advance(now, [&](std::uint64_t session, std::uint64_t) { out.emplace(now, session); });
  }
  return out;
}

TEST(TimerWheelTest, EachComesUpWithinATickAndInOrder) {
  const WheelTime start{};
  TimerWheel wheel(start);
  std::minstd_rand random(3);
  std::vector<WheelTime> wanted;
  for (std::uint64_t session = 0; session < 1000; ++session) {
    wanted.push_back(start + std::chrono::microseconds(random() % 39'000'000));
    wheel.schedule(session, wanted.back());
  }
  const auto seen = turn(wheel, start + 1h);
  ASSERT_EQ(seen.size(), wanted.size());
  for (const auto& [when, session] : seen) {
    EXPECT_GE(when, wanted[session]);
    EXPECT_LE(when, wanted[session] + TimerWheel::kTick);
  }
  EXPECT_LE(TimerWheel::kTick, kNoticed);
}

TEST(TimerWheelTest, ADeadlineInThePastComesUpWithTheNextTick) {
  const WheelTime start{};
  TimerWheel wheel(start);
  wheel.advance(start + 10s, [](std::uint64_t, std::uint64_t) { FAIL(); });
  wheel.schedule(1, start);
  EXPECT_EQ(wheel.next(), start + 10s + TimerWheel::kTick);
}

TEST(TimerWheelTest, OneBeyondTheHorizonIsLookedAtOnTheWay) {
  const WheelTime start{};
  TimerWheel wheel(start);
  wheel.schedule(1, start + 10h);
  EXPECT_GE(wheel.next(), start + TimerWheel::kHorizon);
  EXPECT_LT(wheel.next(), start + 10h);
}

TEST(TimerWheelTest, AnEmptyOneForgetsTheTimeInWhichItWas) {
  const WheelTime start{};
  TimerWheel wheel(start);
  wheel.skip_to(start + 10h);
  wheel.schedule(1, start + 10h + 30s);
  EXPECT_EQ(wheel.next(), start + 10h + 30s);
}

TEST(TimerWheelTest, WhoIsScheduledWhileOthersComeUpComesUpToo) {
  const WheelTime start{};
  TimerWheel wheel(start);
  wheel.schedule(1, start + 1s);
  std::vector<std::uint64_t> seen;
  wheel.advance(start + 5s, [&](std::uint64_t session, std::uint64_t) {
    seen.push_back(session);
    if (session < 3) wheel.schedule(session + 1, start + 2s);
  });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_TRUE(wheel.empty());
}

TEST(TimersTest, WhatRepeatsIsReckonedFromWhenItWasDueUnlessThatWasMissed) {
  const Clock::time_point due{1h};
  EXPECT_EQ(reckoned(due, due + 3ms), due);
  EXPECT_EQ(reckoned(due, due + 10ms), due);
  EXPECT_EQ(reckoned(due, due + 500ms), due + 490ms);
}

}  // namespace
}  // namespace stoa::realtime::test
