#pragma once
// When which session wants to be looked at: one timer a shard for all heartbeats and deadlines, so that an
// idle session costs eight bytes here. A deadline is met up to one tick late; one beyond the horizon is
// looked at, and put off, on the way. Ticks in which nobody wants to be looked at cost nothing. Lives on its shard.
#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stoa::realtime {

class TimerWheel {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr auto kTick = std::chrono::milliseconds(5);
  static constexpr std::size_t kSlots = 8192;
  static constexpr auto kHorizon = kTick * 8000;  // less than a turn of the wheel

  explicit TimerWheel(Clock::time_point start) : start_(start) {}

  // The tick at which `session` comes up; to be compared with what advance() hands out, so that a
  // session that was scheduled anew ignores the older entry.
  std::uint64_t schedule(std::uint64_t session, Clock::time_point when) {
    const auto wanted = (when - start_ + kTick - std::chrono::nanoseconds(1)) / kTick;
    const auto least = static_cast<std::int64_t>(done_) + 1;
    const auto most = static_cast<std::int64_t>(done_ + kSlots - 1);
    const auto tick = static_cast<std::uint64_t>(std::clamp<std::int64_t>(wanted, least, most));
    const std::size_t slot = tick % kSlots;
    slots_[slot].push_back(session);
    filled_[slot / kBits] |= std::uint64_t{1} << slot % kBits;
    ++entries_;
    return tick;
  }

  // An empty wheel's ticks until then are over.
  void skip_to(Clock::time_point now) { done_ = std::max(done_, tick_at(now)); }

  // When the first of the entries comes up; there is one.
  Clock::time_point next() const { return time_of(next_tick()); }

  // Calls due(session, tick) for all that has come up until `now`.
  template <class Due>
  void advance(Clock::time_point now, Due&& due) {
    const auto last = tick_at(now);
    while (entries_ > 0) {
      const auto tick = next_tick();
      if (tick > last) break;
      done_ = tick;
      const std::size_t slot = tick % kSlots;
      std::vector<std::uint64_t> sessions;
      sessions.swap(slots_[slot]);
      filled_[slot / kBits] &= ~(std::uint64_t{1} << slot % kBits);
      entries_ -= sessions.size();
      for (const std::uint64_t session : sessions) due(session, tick);
    }
    skip_to(now);
  }

  bool empty() const noexcept { return entries_ == 0; }

 private:
  static constexpr std::size_t kBits = 64;

  std::uint64_t tick_at(Clock::time_point when) const {
    return static_cast<std::uint64_t>((when - start_) / kTick);
  }
  Clock::time_point time_of(std::uint64_t tick) const {
    return start_ + kTick * static_cast<std::int64_t>(tick);
  }
  // All entries are less than a turn away from what is done.
  std::uint64_t next_tick() const {
    const std::uint64_t first = done_ + 1;
    for (std::uint64_t tick = first; tick < first + kSlots + kBits;) {
      const std::size_t slot = tick % kSlots;
      const std::uint64_t ahead = filled_[slot / kBits] >> slot % kBits;
      if (ahead != 0) return tick + static_cast<std::uint64_t>(std::countr_zero(ahead));
      tick += kBits - slot % kBits;
    }
    return first;
  }

  Clock::time_point start_;
  std::uint64_t done_ = 0;
  std::size_t entries_ = 0;
  std::vector<std::vector<std::uint64_t>> slots_{kSlots};
  std::array<std::uint64_t, kSlots / kBits> filled_{};  // a bit a slot
};

}  // namespace stoa::realtime
