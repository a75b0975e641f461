#pragma once
// Slows down guessing at one account, whatever addresses the guesses come from: after some failures in a row
// each further attempt has to wait twice as long as the one before, up to a limit. An attempt counts from its
// beginning, so many at once do not slip through before the first has failed. Unknown accounts are slowed
// alike. Bounded: the account that was tried least recently is forgotten. In this process only. Safe on any
// thread.
#include <stoa/auth/auth_config.hpp>
#include <stoa/core/lru.hpp>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace stoa::auth {

class LoginThrottle {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LoginThrottle(const AuthConfig& options);

  // Of an attempt that tries so many passwords. Throws Error{rate_limited} with the time to wait.
  void begin(const std::string& account, Clock::time_point now = Clock::now(),
             std::size_t guesses = 1);
  void succeed(const std::string& account);

 private:
  struct Attempts {
    std::size_t count = 0;
    Clock::time_point last;
    Clock::time_point not_before;
  };

  const std::size_t free_attempts_;
  const std::chrono::milliseconds longest_wait_;
  std::mutex mutex_;
  Lru<std::string, Attempts> tracked_;
};

}  // namespace stoa::auth
