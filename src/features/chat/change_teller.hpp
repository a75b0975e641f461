#pragma once
// Tells rooms how a message is by now, so that its bytes have a bound: an event has the whole message, which may be long, and
// a reaction costs whoever makes it a few bytes.
//
// Of one message so much is told in a second (chat.changed_bytes_per_message); what changes beyond that is told later, once and
// as it is then, so that the last change is never missed. A deletion is told at once, and in place of what waits. One person
// causes so much in a second (chat.changed_bytes_per_user), of all messages; who is in debt is refused. Short messages
// meet neither.
//
// What waits has at most chat.queue_bytes and chat.queue messages: beyond that it is told at once. tell() is for one thread
// at a time, the others are for any. Outlives the runtime's work.
#include "features/chat/chat_types.hpp"

#include <stoa/chat/chat_config.hpp>
#include <stoa/core/task.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/net/token_buckets.hpp>
#include <stoa/realtime/hub.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace stoa::chat {

struct ChangedMessage {
  MessageId id;
  RoomId room;
  std::optional<UserId> actor;  // who is charged for it; none where that is not known
  std::string json;
  bool is_deleted = false;
};

class ChangeTeller {
 public:
  ChangeTeller(net::Runtime& runtime, realtime::Hub& hub, const ChatConfig& config);

  // Throws Error{rate_limited} with the time to wait where so much was told of that person's changes that it has to be paid off.
  void require_budget(UserId actor);
  // In the order of the commits; of a message's changes the last one counts.
  void tell(std::vector<ChangedMessage> changes);

 private:
  using Clock = net::TokenBuckets::Clock;

  Task<> tell_later(MessageId id, Clock::time_point due);
  // Under the mutex, so that no older state is published after a newer one.
  void tell_due(MessageId id);
  bool waits(ChangedMessage& change, Clock::time_point now);
  void forget(MessageId id);
  realtime::Publication publication(ChangedMessage change, Clock::time_point now);

  net::Runtime& runtime_;
  realtime::Hub& hub_;
  const ChatConfig& config_;
  net::TokenBuckets of_messages_, of_people_;
  std::mutex mutex_;
  std::unordered_map<MessageId, ChangedMessage> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace stoa::chat
