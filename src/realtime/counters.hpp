#pragma once
// Counters with one writer, the shard, and readers on any thread: plain adds, no locked instructions.
#include <atomic>
#include <cstdint>
#include <memory>

namespace stoa::realtime {

class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct EventCounters {
  Counter ok, refused, failed;
};

struct ShardCounters {
  Counter sessions, subscriptions;
  Counter sessions_opened, messages_in, frames_out, bytes_out, writes;
  Counter slow_readers, frames_dropped, rate_limited, malformed;
  std::unique_ptr<EventCounters[]>
      events;  // of each endpoint in its registry's order, then `authenticate`
};

}  // namespace stoa::realtime
