#include "realtime/recovery.hpp"

namespace stoa::realtime {

Interest::Interest(Broker& broker, std::vector<Topic> topics)
    : broker_(&broker), topics_(std::move(topics)) {
  for (const Topic& topic : topics_) broker_->listen(topic);
}

Interest::Interest(Interest&& other) noexcept
    : broker_(other.broker_), topics_(std::exchange(other.topics_, {})) {}

Interest& Interest::operator=(Interest&& other) noexcept {
  std::swap(broker_, other.broker_);
  std::swap(topics_, other.topics_);
  return *this;
}

Interest::~Interest() {
  for (const Topic& topic : topics_) broker_->unlisten(topic);
}

void LostSessions::put(std::string pid, LostSession session, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  session.interest = Interest(broker_, session.topics);
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
