#include "features/auth/login_throttle.hpp"

#include <stoa/core/error.hpp>

#include <algorithm>

namespace stoa::auth {
namespace {

// After so many longest waits without an attempt an account starts afresh.
constexpr int kForget = 15;

}  // namespace

LoginThrottle::LoginThrottle(const config::Auth& options)
    : free_attempts_(options.login_attempts),
      longest_wait_(options.login_wait),
      tracked_(options.login_tracked) {}

void LoginThrottle::begin(std::string_view account, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(account);
  if (found == index_.end()) {
    order_.push_front({std::string(account), 0, now, now});
    index_.emplace(order_.front().account, order_.begin());
    if (order_.size() > tracked_) {
      index_.erase(order_.back().account);
      order_.pop_back();
    }
  } else {
    order_.splice(order_.begin(), order_, found->second);
  }
  Entry& entry = order_.front();
  if (now < entry.not_before) {
    throw Error(Code::rate_limited, "Too many attempts for this account; try again later")
        .retry_after(std::chrono::ceil<std::chrono::seconds>(entry.not_before - now));
  }
  if (now - entry.last > longest_wait_ * kForget) entry.attempts = 0;
  entry.last = now;
  if (++entry.attempts < free_attempts_) return;
  const auto doublings = std::min<std::size_t>(entry.attempts - free_attempts_, 20);
  const auto wait = std::chrono::milliseconds(1000) * (std::size_t{1} << doublings);
  entry.not_before = now + std::min<std::chrono::milliseconds>(wait, longest_wait_);
}

void LoginThrottle::succeed(std::string_view account) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(account);
  if (found == index_.end()) return;
  const auto entry = found->second;
  index_.erase(found);
  order_.erase(entry);
}

}  // namespace stoa::auth
