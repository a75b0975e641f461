#pragma once
// A timer wheel that turns by itself, and sleeps until the next entry is due. Lives on its shard.
#include "realtime/outbound.hpp"
#include "realtime/timer_wheel.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include <boost/asio/redirect_error.hpp>

namespace stoa::realtime {

// A deadline that repeats is reckoned from when it was due, so that its times do not drift. Where the machine was too busy
// to notice it for this long, the other side is not made to pay for that.
inline constexpr std::chrono::milliseconds kNoticed{10};
inline Clock::time_point reckoned(Clock::time_point due, Clock::time_point now) {
  return std::max(due, now - kNoticed);
}

class Timers {
 public:
  explicit Timers(Executor executor) : executor_(std::move(executor)), wheel_(Clock::now()) {}

  // As TimerWheel::schedule().
  std::uint64_t schedule(std::uint64_t session, Clock::time_point when) {
    if (wheel_.empty()) wheel_.skip_to(Clock::now());
    const auto tick = wheel_.schedule(session, when);
    if (sleeping_ != nullptr && when < until_) {
      sleeping_->cancel();
      sleeping_ = nullptr;  // it is awake, and will look
    }
    return tick;
  }

  // Calls due(session, now, tick) for all that comes up, until it is cancelled; once.
  template <class Due>
  Task<> run(Due due) {
    Timer timer(executor_);
    for (;;) {
      boost::system::error_code woken;
      until_ = wheel_.empty() ? Clock::now() + std::chrono::hours(1) : wheel_.next();
      timer.expires_at(until_);
      sleeping_ = &timer;
      co_await timer.async_wait(asio::redirect_error(use_task, woken));
      sleeping_ = nullptr;
      const auto now = Clock::now();
      wheel_.advance(
          now, [&due, now](std::uint64_t session, std::uint64_t tick) { due(session, now, tick); });
    }
  }

 private:
  Executor executor_;
  TimerWheel wheel_;
  Timer* sleeping_ = nullptr;  // set while the wheel waits
  Clock::time_point until_;    // when the first of its entries comes up
};

}  // namespace stoa::realtime
