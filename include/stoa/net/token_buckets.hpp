#pragma once
// A bucket of tokens for each client: `amount` at once, and as much again in each `window`. Kept as the moment at which a
// bucket is full again, so that one that is full needs no entry. Thread-safe; split into parts with a lock each, held for
// one lookup. Bounded: where a part is full, the bucket that was used least recently gives way.
#include <stoa/core/lru.hpp>
#include <stoa/net/rate_key.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

namespace stoa::net {

class TokenBuckets {
 public:
  using Clock = std::chrono::steady_clock;
  struct Rate {
    double amount;
    std::chrono::milliseconds window;
  };

  explicit TokenBuckets(std::size_t most);

  // Takes so much, at most a whole bucket, or nothing: then answers how long it takes until there is as much.
  std::optional<Clock::duration> draw(const RateKey& key, double amount, const Rate& rate,
                                      Clock::time_point now);
  // Takes so much, also where there is less.
  void overdraw(const RateKey& key, double amount, const Rate& rate, Clock::time_point now);
  // How long it takes until the bucket is no more in debt.
  Clock::duration debt(const RateKey& key, const Rate& rate, Clock::time_point now);
  std::size_t size() const;

 private:
  static constexpr std::size_t kParts = 16;
  struct Part {
    explicit Part(std::size_t most) : full_at(most) {}
    mutable std::mutex mutex;
    Lru<RateKey, Clock::time_point> full_at;
  };
  Part& part_of(const RateKey& key) noexcept { return *parts_[key.hash() % kParts]; }

  std::array<std::unique_ptr<Part>, kParts> parts_;
};

}  // namespace stoa::net
