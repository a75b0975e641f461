#pragma once
// What is known of recent sign-ins: a bounded map in stripes, each with its lock, so that shards seldom
// meet; the least recently used entry gives way. Safe on any thread, never waits for anything but a stripe.
#include <stoa/core/caller.hpp>
#include <stoa/core/lru.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

namespace stoa::auth {

// A sign-in and its account, as the database has them.
struct SessionState {
  UserId user;
  Role role = Role::learner;
  bool suspended = false;
  bool ended = false;  // revoked, expired, or the account is deleted
};

class SessionCache {
 public:
  using Clock = std::chrono::steady_clock;

  SessionCache(std::size_t capacity, std::chrono::milliseconds ttl);

  std::optional<SessionState> find(AuthSessionId id, Clock::time_point now = Clock::now());
  // To be taken before the state is read. keep() does nothing and answers false when it was forgotten since:
  // what was read might be older than that, and has to be read again.
  std::uint64_t mark(AuthSessionId id);
  [[nodiscard]] bool keep(AuthSessionId id, const SessionState& state, std::uint64_t mark,
                          Clock::time_point now = Clock::now());
  void forget(AuthSessionId id);
  std::size_t size() const;

 private:
  struct Known {
    SessionState state;
    Clock::time_point until;
  };
  struct Stripe {
    explicit Stripe(std::size_t capacity) : known(capacity) {}
    mutable std::mutex mutex;
    Lru<AuthSessionId, Known> known;
    // Counted apart, so that hardly anybody reads again because somebody else's sign-in ended.
    std::array<std::uint64_t, 256> forgotten{};
    std::uint64_t& forgotten_of(AuthSessionId id) { return forgotten[id.uuid.bytes[14]]; }
  };
  static constexpr std::size_t kStripes = 16;

  Stripe& stripe(AuthSessionId id) { return stripes_[id.uuid.bytes[15] % kStripes]; }

  const std::chrono::milliseconds ttl_;
  std::deque<Stripe> stripes_;
};

}  // namespace stoa::auth
