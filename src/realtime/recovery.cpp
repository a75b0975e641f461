#include "realtime/recovery.hpp"

#include <algorithm>

namespace stoa::realtime {
namespace {

// What an entry costs beside its payloads.
constexpr std::size_t kOverhead = 128;

std::size_t bytes_of(const Batch& batch) {
  std::size_t bytes = kOverhead;
  for (const Publication& one : *batch) bytes += sizeof one + one.payload.size();
  return bytes;
}

}  // namespace

void PublicationLog::begin(std::uint64_t published) {
  if (begun_) return;
  begun_ = true;
  forgotten_ = published;
}

void PublicationLog::add(const Batch& batch, Clock::time_point now) {
  if (!begun_) return;
  entries_.push_back({batch, bytes_of(batch), now});
  bytes_ += entries_.back().bytes;
  while (!entries_.empty() &&
         (bytes_ > limits_.recovery_bytes || now - entries_.front().at > limits_.recovery_window)) {
    forgotten_ = entries_.front().batch->back().number;
    bytes_ -= entries_.front().bytes;
    entries_.pop_front();
  }
}

std::optional<std::vector<std::pair<Batch, std::size_t>>> PublicationLog::since(
    std::uint64_t number, std::span<const Topic> topics) const {
  if (!begun_ || number < forgotten_) return std::nullopt;
  std::vector<std::pair<Batch, std::size_t>> out;
  const auto first = std::partition_point(
      entries_.begin(), entries_.end(),
      [number](const Entry& entry) { return entry.batch->back().number <= number; });
  for (auto entry = first; entry != entries_.end(); ++entry) {
    for (std::size_t i = 0; i < entry->batch->size(); ++i) {
      const Publication& one = (*entry->batch)[i];
      const bool wanted =
          one.number > number && std::find(topics.begin(), topics.end(), one.topic) != topics.end();
      if (wanted) out.emplace_back(entry->batch, i);
    }
  }
  return out;
}

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
