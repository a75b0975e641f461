#pragma once
// Changes of messages that are there already: edits, deletions, reactions. They go through batches like
// new messages, one batch after another, so that they are told in the order of their commits.
//
// add() may be called on any shard and answers there.
#include "features/chat/chat_store.hpp"

#include <stoa/chat/chat_config.hpp>
#include <stoa/postgres/batcher.hpp>
#include <stoa/realtime/hub.hpp>

#include <span>
#include <string>
#include <vector>

namespace stoa::chat {

struct Change {
  enum class Kind { edit, erase, react, unreact };
  Kind kind = Kind::edit;
  MessageId message;
  UserId actor;
  std::string text;  // the new content, or the emoji
};

class MessageChanger {
 public:
  MessageChanger(pg::DatabaseOptions database, realtime::Hub& hub, const ChatConfig& config);

  // Answers the whole message as it is now. Throws Error{not_found | forbidden | muted | conflict |
  // overloaded | db_unavailable}.
  Task<FinishedJson<MessageView>> add(Change change);

  void stop() { batcher_.stop(); }

 private:
  struct Changed {
    FinishedJson<MessageView> message;
    RoomId room;
    bool is_new = false;  // false when all was so already: nobody needs to hear of it
  };

  using Result = pg::BatchResult<Changed>;

  std::vector<Result> commit(pg::Tx& tx, std::span<const Change> changes) const;
  Changed apply(pg::Tx& tx, const Change& change) const;
  void tell(std::span<const Result> results);

  realtime::Hub& hub_;
  const ChatConfig& config_;
  pg::Batcher<Change, Changed> batcher_;
};

}  // namespace stoa::chat
