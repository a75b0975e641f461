#pragma once
// Messages whose commit is in doubt, until one of the next batches has found them or they cannot come any more. It
// belongs to one lane and its thread.
#include "features/chat/chat_types.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

namespace stoa::chat {

class DoubtfulMessages {
 public:
  // At most `most`, the newest. PostgreSQL may still be at a commit for as long as a statement may take.
  DoubtfulMessages(std::size_t most, std::chrono::milliseconds statement_timeout)
      : most_(most), time_(2 * statement_timeout) {}

  void add(MessageId id) {
    if (messages_.size() >= most_) messages_.erase(messages_.begin());
    messages_.push_back({id, std::chrono::steady_clock::now() + time_});
  }
  // The next to be looked for, oldest first.
  std::vector<MessageId> ids() const {
    std::vector<MessageId> ids;
    for (std::size_t i = 0; i < looked_for(); ++i) ids.push_back(messages_[i].id);
    return ids;
  }
  // Of those drops the ones that were found, and the ones whose time is over.
  void settle(std::span<const MessageView> found) {
    if (messages_.empty()) return;
    const auto now = std::chrono::steady_clock::now();
    const auto end = messages_.begin() + static_cast<std::ptrdiff_t>(looked_for());
    const auto kept = std::remove_if(messages_.begin(), end, [&](const Doubtful& message) {
      return message.until <= now || std::any_of(found.begin(), found.end(), [&](const auto& one) {
               return one.id == message.id;
             });
    });
    messages_.erase(kept, end);
  }

 private:
  struct Doubtful {
    MessageId id;
    std::chrono::steady_clock::time_point until;
  };

  static constexpr std::size_t kAtOnce =
      256;  // so that a look ends well before its statement's time

  std::size_t looked_for() const { return std::min(kAtOnce, messages_.size()); }

  std::size_t most_;
  std::chrono::milliseconds time_;
  std::vector<Doubtful> messages_;
};

}  // namespace stoa::chat
