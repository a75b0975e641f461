#include "realtime/recovery.hpp"

#include <algorithm>
#include <iterator>

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
  if (const auto before = by_pid_.find(pid); before != by_pid_.end()) drop(before->second);
  forget(now);
  make_room(session.user);
  session.interest = Interest(broker_, session.topics);
  ++by_user_[session.user];
  by_age_.push_back({std::move(pid), std::move(session), now});
  by_pid_.emplace(by_age_.back().pid, std::prev(by_age_.end()));
}

std::optional<LostSession> LostSessions::take(const std::string& pid, UserId user,
                                              Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  const auto found = by_pid_.find(pid);
  if (found == by_pid_.end() || found->second->session.user != user) return std::nullopt;
  LostSession session = std::move(found->second->session);
  drop(found->second);
  Returns& returns = session.returns;
  if (returns.counted_at) {
    const std::chrono::duration<double> passed = now - *returns.counted_at;
    returns.left = std::min(Returns::kAtOnce, returns.left + passed.count());
  }
  if (returns.left < 1) return std::nullopt;
  returns.left -= 1;
  returns.counted_at = now;
  return session;
}

void LostSessions::evict(const Topic& topic, UserId user) {
  const std::lock_guard lock(mutex_);
  if (!by_user_.contains(user)) return;
  for (auto& [pid, session, since] : by_age_) {
    if (session.user != user) continue;
    const auto found = std::find(session.topics.begin(), session.topics.end(), topic);
    if (found == session.topics.end()) continue;
    session.heard_after.erase(session.heard_after.begin() + (found - session.topics.begin()));
    session.topics.erase(found);
  }
}

void LostSessions::forget(Clock::time_point now) {
  while (!by_age_.empty() && now - by_age_.front().since > limits_.recovery_window) {
    drop(by_age_.begin());
  }
}

void LostSessions::make_room(UserId user) {
  const auto count = by_user_.find(user);
  if (count != by_user_.end() && count->second >= most_per_user_) {
    drop(std::find_if(by_age_.begin(), by_age_.end(),
                      [user](const Kept& one) { return one.session.user == user; }));
  } else if (by_age_.size() >= limits_.recovery_sessions) {
    drop(by_age_.begin());
  }
}

void LostSessions::drop(ByAge::iterator kept) {
  const auto count = by_user_.find(kept->session.user);
  if (--count->second == 0) by_user_.erase(count);
  by_pid_.erase(kept->pid);
  by_age_.erase(kept);
}

}  // namespace stoa::realtime
