#pragma once
// Slows down guessing at one account, whatever addresses the guesses come from: after some failures in a row
// each further attempt has to wait twice as long as the one before, up to a limit. An attempt counts from its
// beginning, so many at once do not slip through before the first has failed. Unknown accounts are slowed
// alike. Bounded: the account that was tried least recently is forgotten. In this process only. Safe on any
// thread.
#include <stoa/core/config.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace stoa::auth {

class LoginThrottle {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LoginThrottle(const config::Auth& options);

  // Throws Error{rate_limited} with the time to wait.
  void begin(std::string_view account, Clock::time_point now = Clock::now());
  void succeed(std::string_view account);

 private:
  struct Entry {
    std::string account;
    std::size_t attempts = 0;
    Clock::time_point last;
    Clock::time_point not_before;
  };
  using Order = std::list<Entry>;  // the most recently tried first

  const std::size_t free_attempts_;
  const std::chrono::milliseconds longest_wait_;
  const std::size_t tracked_;
  std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> index_;  // views of the entries' own names
};

}  // namespace stoa::auth
