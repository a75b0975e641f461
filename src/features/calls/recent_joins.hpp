#pragma once
// Who joined which room over REST a moment ago, and from which address: what a socket without a token may go by
// (docs/adr/0029-a-socket-without-a-token.md). Bounded, in memory alone; the least recently used gives way. Safe on any thread.
#include <stoa/core/caller.hpp>
#include <stoa/core/config_types.hpp>
#include <stoa/core/lru.hpp>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace stoa::calls {

class RecentJoins {
 public:
  using Clock = std::chrono::steady_clock;

  RecentJoins(std::size_t most, Duration window) : window_(window), joins_(most) {}

  void note(RoomId room, const Caller& caller, Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    joins_.put({room, caller.user}, {caller.client->address, caller.session, now});
  }
  // The sign-in by which that person joined that room from that address within the window; the last one counts.
  std::optional<AuthSessionId> find(RoomId room, UserId user, const std::string& address,
                                    Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    const Join* const join = joins_.find({room, user});
    if (join == nullptr) return std::nullopt;
    if (now - join->at > window_) {
      joins_.erase({room, user});
      return std::nullopt;
    }
    return join->address == address ? std::optional(join->sign_in) : std::nullopt;
  }

 private:
  using Key = std::pair<RoomId, UserId>;
  struct Join {
    std::string address;
    AuthSessionId sign_in;
    Clock::time_point at;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<RoomId>{}(key.first) * 31 + std::hash<UserId>{}(key.second);
    }
  };

  const Duration window_;
  std::mutex mutex_;
  Lru<Key, Join, KeyHash> joins_;
};

}  // namespace stoa::calls
