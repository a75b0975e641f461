#pragma once
// What each client may ask for, over REST and over all its sockets: one budget, whichever way it comes.
//
// Requests, and the events of sockets whose row names a limit, are counted in fixed windows, one table a class of rows:
// all of them, or only those that were refused where it is failures that tell an attacker from a school behind one
// address, or only those that were not where it is what they made. Besides, events of whatever row are drawn from a bucket, and so are the bytes of
// the answers to what reads, and of the requests and events that change things.
// Shared by all shards; each table is split into parts with a lock each, held for one lookup. Bounded: where a part is
// full, the window that began first gives way, or the bucket that was used least recently.
#include <stoa/core/caller.hpp>
#include <stoa/core/config.hpp>
#include <stoa/net/token_buckets.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace stoa::net {

// What the RateLimit-* headers say.
struct RateState {
  std::size_t limit = 0;
  std::size_t remaining = 0;
  std::chrono::seconds reset{0};  // until the window ends, at least 1
  bool allowed = true;
};

// Throws Error{rate_limited} where there were too many.
void require_allowed(const std::optional<RateState>& rate);

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RateLimiter(const config::RateLimits& options);

  // Whether only requests that were refused count, or only those that were not: look() comes before them, count() after.
  static bool counts_refusals(Limit limit) noexcept { return limit == Limit::sensitive; }
  static bool counts_successes(Limit limit) noexcept { return limit == Limit::registration; }
  // Counted where it is known whose it is, whatever the row.
  static bool counted_later(Limit limit) noexcept { return limit == Limit::handshake; }
  // Counts one request. Empty: this class has no limit.
  std::optional<RateState> count(Limit limit, const RateKey& key, Clock::time_point now);
  // The same without counting it.
  std::optional<RateState> look(Limit limit, const RateKey& key, Clock::time_point now);
  // Draws what an event of a socket costs, or nothing: then answers how long its client has to wait.
  std::optional<std::chrono::seconds> draw_events(const RateKey& key, double price,
                                                  Clock::time_point now);
  // Draws bytes of a person's: of an answer to what reads, or of a request that changes things. More of the same is refused
  // while there were more than are his.
  void draw_bytes(Limit limit, const RateKey& key, std::size_t bytes, Clock::time_point now);
  std::size_t tracked() const;

 private:
  struct Window {
    RateKey key;
    Clock::time_point start;
    std::size_t count = 0;
  };
  struct Part {
    mutable std::mutex mutex;
    std::list<Window> windows;  // by start
    std::unordered_map<RateKey, std::list<Window>::iterator> by_key;
  };
  static constexpr std::size_t kParts = 16;
  struct Table {
    config::Rate rate;
    std::array<Part, kParts> parts;
    explicit Table(const config::Rate& r) : rate(r) {}
  };
  Table* table(Limit limit) noexcept;
  // The bytes that are counted for this class of rows; null where none are.
  struct Bytes {
    TokenBuckets::Rate rate;
    TokenBuckets spent;
  };
  Bytes* bytes_of(Limit limit) noexcept;
  // Refused where the client is in debt for its bytes.
  void weigh_bytes(Limit limit, const RateKey& key, Clock::time_point now, RateState& state);
  static RateState state_of(const Window* window, const config::Rate& rate, Clock::time_point now);

  bool enabled_;
  std::size_t most_per_part_;
  Table sensitive_, registration_, codes_, renewal_, identity_, handshake_, avatars_, read_, write_;
  const TokenBuckets::Rate of_people_, of_guests_;
  TokenBuckets events_;
  Bytes answers_, changes_;
};

}  // namespace stoa::net
