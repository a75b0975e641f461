#include "features/auth/login_throttle.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/core/error.hpp>

#include <algorithm>

namespace stoa::auth {
namespace {

// After so many longest waits without an attempt an account starts afresh.
constexpr int kForget = 15;

}  // namespace

LoginThrottle::LoginThrottle(const AuthConfig& options)
    : free_attempts_(options.login_attempts),
      longest_wait_(options.login_wait),
      tracked_(options.login_tracked) {}

void LoginThrottle::begin(const std::string& account, Clock::time_point now, std::size_t guesses) {
  const std::lock_guard lock(mutex_);
  Attempts* const known = tracked_.find(account);
  Attempts& entry = known != nullptr ? *known : tracked_.put(account, {0, now, now});
  if (now < entry.not_before) {
    throw Error(Code::rate_limited, "Too many attempts for this account; try again later")
        .retry_after(std::chrono::ceil<std::chrono::seconds>(entry.not_before - now));
  }
  if (now - entry.last > longest_wait_ * kForget) entry.count = 0;
  entry.last = now;
  entry.count += guesses;
  if (entry.count < free_attempts_) return;
  const auto doublings = std::min<std::size_t>(entry.count - free_attempts_, 20);
  const auto wait = std::chrono::milliseconds(1000) * (std::size_t{1} << doublings);
  entry.not_before = now + std::min<std::chrono::milliseconds>(wait, longest_wait_);
}

void LoginThrottle::succeed(const std::string& account) {
  const std::lock_guard lock(mutex_);
  tracked_.erase(account);
}

}  // namespace stoa::auth
