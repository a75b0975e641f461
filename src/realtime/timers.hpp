#pragma once
// A timer wheel that turns by itself for as long as it has entries, so that an idle shard sleeps. Lives on its
// shard.
#include "realtime/outbound.hpp"
#include "realtime/timer_wheel.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

#include <boost/asio/redirect_error.hpp>

namespace stoa::realtime {

class Timers {
 public:
  explicit Timers(Executor executor) : executor_(std::move(executor)), wheel_(Clock::now()) {}

  // As TimerWheel::schedule().
  std::uint64_t schedule(std::uint64_t session, Clock::time_point when) {
    const auto tick = wheel_.schedule(session, when);
    if (idle_ != nullptr) idle_->cancel();
    return tick;
  }

  // Calls due(session, now, tick) for all that comes up, until it is cancelled; once.
  template <class Due>
  Task<> run(Due due) {
    Timer timer(executor_);
    for (;;) {
      boost::system::error_code woken;
      const bool idle = wheel_.empty();
      timer.expires_after(idle ? Clock::duration(std::chrono::hours(1))
                               : Clock::duration(TimerWheel::kTick));
      idle_ = idle ? &timer : nullptr;
      co_await timer.async_wait(asio::redirect_error(use_task, woken));
      idle_ = nullptr;
      const auto now = Clock::now();
      wheel_.advance(
          now, [&due, now](std::uint64_t session, std::uint64_t tick) { due(session, now, tick); });
    }
  }

 private:
  Executor executor_;
  TimerWheel wheel_;
  Timer* idle_ = nullptr;  // set while the wheel waits for its first entry
};

}  // namespace stoa::realtime
