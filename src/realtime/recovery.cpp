#include "realtime/recovery.hpp"

namespace stoa::realtime {

void LostSessions::put(std::string pid, LostSession session, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  by_age_.emplace_back(now, pid);
  by_pid_.insert_or_assign(std::move(pid), std::pair(std::move(session), now));
}

std::optional<LostSession> LostSessions::take(const std::string& pid, UserId user,
                                              Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  const auto found = by_pid_.find(pid);
  if (found == by_pid_.end() || found->second.first.user != user) return std::nullopt;
  LostSession session = std::move(found->second.first);
  by_pid_.erase(found);
  return session;
}

void LostSessions::forget(Clock::time_point now) {
  while (!by_age_.empty() && (by_age_.size() >= limits_.recovery_sessions ||
                              now - by_age_.front().first > limits_.recovery_window)) {
    // It may have come back and been lost again since.
    const auto found = by_pid_.find(by_age_.front().second);
    if (found != by_pid_.end() && found->second.second == by_age_.front().first) {
      by_pid_.erase(found);
    }
    by_age_.pop_front();
  }
}

}  // namespace stoa::realtime
