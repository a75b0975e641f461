#pragma once
// When which session wants to be looked at: one timer a shard for all heartbeats and deadlines, so that an
// idle session costs eight bytes here. A deadline is met up to one tick late; one beyond the horizon is
// looked at, and put off, on the way. Lives on its shard.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stoa::realtime {

class TimerWheel {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr auto kTick = std::chrono::milliseconds(50);
  static constexpr std::size_t kSlots = 1024;
  static constexpr auto kHorizon = kTick * 1000;  // less than a turn of the wheel

  explicit TimerWheel(Clock::time_point start) : start_(start) {}

  // The tick at which `session` comes up; to be compared with what advance() hands out, so that a
  // session that was scheduled anew ignores the older entry.
  std::uint64_t schedule(std::uint64_t session, Clock::time_point when) {
    const auto wanted = (when - start_ + kTick - std::chrono::nanoseconds(1)) / kTick;
    const auto least = static_cast<std::int64_t>(done_) + 1;
    const auto most = static_cast<std::int64_t>(done_ + kSlots - 1);
    const auto tick = static_cast<std::uint64_t>(std::clamp<std::int64_t>(wanted, least, most));
    slots_[tick % kSlots].push_back(session);
    ++entries_;
    return tick;
  }

  // Calls due(session, tick) for all that has come up until `now`.
  template <class Due>
  void advance(Clock::time_point now, Due&& due) {
    const auto last = static_cast<std::uint64_t>((now - start_) / kTick);
    while (done_ < last) {
      ++done_;
      std::vector<std::uint64_t> sessions;
      sessions.swap(slots_[done_ % kSlots]);
      entries_ -= sessions.size();
      for (const std::uint64_t session : sessions) due(session, done_);
    }
  }

  bool empty() const noexcept { return entries_ == 0; }

 private:
  Clock::time_point start_;
  std::uint64_t done_ = 0;
  std::size_t entries_ = 0;
  std::vector<std::vector<std::uint64_t>> slots_{kSlots};
};

}  // namespace stoa::realtime
