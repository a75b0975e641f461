#include "features/chat/change_teller.hpp"

#include <stoa/core/error.hpp>
#include <stoa/rooms/rooms_topic.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace stoa::chat {
namespace {

using std::chrono::seconds;

// Has no place in the sequence, but is held back with what has while a session still reads history: told
// before the history, it would be overwritten by an older state of the message.
constexpr std::int64_t kAfterHistory = std::numeric_limits<std::int64_t>::max();

// What a person may cause at once, in seconds of what is allowed: with the defaults as much as waits for a slow reader.
constexpr seconds kSavedUp{16};
constexpr seconds kLongestWait{10};       // whatever was told of the message before
constexpr std::size_t kTracked = 16'384;  // messages, and people

net::TokenBuckets::Rate rate_of(const ByteSize& a_second, seconds window) {
  return {static_cast<double>(a_second.bytes) * static_cast<double>(window.count()), window};
}

net::RateKey key_of(MessageId id) {
  return net::RateKey::of(UserId{id.uuid});
}

}  // namespace

ChangeTeller::ChangeTeller(net::Runtime& runtime, realtime::Hub& hub, const ChatConfig& config)
    : runtime_(runtime), hub_(hub), config_(config), of_messages_(kTracked), of_people_(kTracked) {}

void ChangeTeller::require_budget(UserId actor) {
  const auto debt = of_people_.debt(
      net::RateKey::of(actor), rate_of(config_.changed_bytes_per_user, kSavedUp), Clock::now());
  if (debt <= Clock::duration::zero()) return;
  throw Error(Code::rate_limited, "So much was told of your changes of messages; wait a little")
      .retry_after(std::max(std::chrono::ceil<seconds>(debt), seconds(1)));
}

void ChangeTeller::tell(std::vector<ChangedMessage> changes) {
  const auto now = Clock::now();
  std::vector<realtime::Publication> publications;
  const std::lock_guard lock(mutex_);
  for (ChangedMessage& change : changes) {
    if (waits(change, now)) continue;
    forget(change.id);
    publications.push_back(publication(std::move(change), now));
  }
  if (!publications.empty()) hub_.publish(std::move(publications));
}

bool ChangeTeller::waits(ChangedMessage& change, Clock::time_point now) {
  if (change.is_deleted) return false;
  const MessageId id = change.id;
  const auto found = waiting_.find(id);
  if (found != waiting_.end()) {
    ChangedMessage& former = found->second;
    const std::size_t others = waiting_bytes_ - former.json.size();
    if (others + change.json.size() > config_.queue_bytes.bytes) return false;
    waiting_bytes_ = others + change.json.size();
    former = std::move(change);
    return true;
  }
  const auto debt =
      of_messages_.debt(key_of(id), rate_of(config_.changed_bytes_per_message, seconds(1)), now);
  const bool has_room = waiting_.size() < config_.queue &&
                        waiting_bytes_ + change.json.size() <= config_.queue_bytes.bytes;
  if (debt <= Clock::duration::zero() || !has_room) return false;
  waiting_bytes_ += change.json.size();
  const auto due = now + std::min<Clock::duration>(debt, kLongestWait);
  waiting_.emplace(id, std::move(change));
  net::Shard& shard = runtime_.shard(0);
  asio::post(shard.context, [this, &shard, id, due] {
    shard.tasks.spawn("message_updated", tell_later(id, due));
  });
  return true;
}

void ChangeTeller::forget(MessageId id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  waiting_bytes_ -= found->second.json.size();
  waiting_.erase(found);
}

Task<> ChangeTeller::tell_later(MessageId id, Clock::time_point due) {
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> pause(
      runtime_.shard(0).context.get_executor());
  pause.expires_at(due);
  co_await pause.async_wait(use_task);
  tell_due(id);
}

void ChangeTeller::tell_due(MessageId id) {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;  // something newer was told in its place
  ChangedMessage change = std::move(found->second);
  waiting_bytes_ -= change.json.size();
  waiting_.erase(found);
  std::vector<realtime::Publication> one;
  one.push_back(publication(std::move(change), now));
  hub_.publish(std::move(one));
}

realtime::Publication ChangeTeller::publication(ChangedMessage change, Clock::time_point now) {
  const auto bytes = static_cast<double>(change.json.size());
  of_messages_.overdraw(key_of(change.id), bytes,
                        rate_of(config_.changed_bytes_per_message, seconds(1)), now);
  if (change.actor) {
    of_people_.overdraw(net::RateKey::of(*change.actor), bytes,
                        rate_of(config_.changed_bytes_per_user, kSavedUp), now);
  }
  return {rooms::topic_of(change.room), kMessageUpdated.name, std::move(change.json), kAfterHistory,
          std::nullopt};
}

}  // namespace stoa::chat
