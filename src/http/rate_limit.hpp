#pragma once
// Counts requests of each client in fixed windows, one table a class of routes: all requests, or only those that were
// refused where it is failures that tell an attacker from a school behind one address. Shared by all shards;
// each table is split into parts with a lock each, held for one lookup. Bounded: where a part is full, the
// window that began first gives way.
#include <stoa/core/caller.hpp>
#include <stoa/core/config.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace stoa::http {

// Who is counted: a signed-in user, or a stranger's address (IPv6 by /64).
struct RateKey {
  std::uint64_t high = 0, low = 0;
  static RateKey of(const UserId& user) noexcept;
  static RateKey of(const boost::asio::ip::address& address) noexcept;
  friend bool operator==(const RateKey&, const RateKey&) = default;
};

// What the RateLimit-* headers say.
struct RateState {
  std::size_t limit = 0;
  std::size_t remaining = 0;
  std::chrono::seconds reset{0};  // until the window ends, at least 1
  bool allowed = true;
};

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RateLimiter(const config::RateLimits& options);

  // Whether only requests that were refused count: look() comes before them, count() after.
  static bool counts_refusals(Limit limit) noexcept { return limit == Limit::sensitive; }
  // Counts one request. Empty: this class has no limit.
  std::optional<RateState> count(Limit limit, const RateKey& key, Clock::time_point now);
  // The same without counting it.
  std::optional<RateState> look(Limit limit, const RateKey& key, Clock::time_point now);
  std::size_t tracked() const;

 private:
  struct Window {
    RateKey key;
    Clock::time_point start;
    std::size_t count = 0;
  };
  struct Hash {
    std::size_t operator()(const RateKey& key) const noexcept;
  };
  struct Part {
    mutable std::mutex mutex;
    std::list<Window> windows;  // by start
    std::unordered_map<RateKey, std::list<Window>::iterator, Hash> by_key;
  };
  static constexpr std::size_t kParts = 16;
  struct Table {
    config::Rate rate;
    std::array<Part, kParts> parts;
    explicit Table(const config::Rate& r) : rate(r) {}
  };
  Table* table(Limit limit) noexcept;
  static RateState state_of(const Window* window, const config::Rate& rate, Clock::time_point now);

  bool enabled_;
  std::size_t most_per_part_;
  Table sensitive_, registration_, renewal_, handshake_, read_, write_;
};

}  // namespace stoa::http
