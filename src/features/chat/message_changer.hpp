#pragma once
// Changes of messages that are there already: edits, deletions, reactions. They go through batches like
// new messages, one batch after another, so that they are told in the order of their commits.
//
// When the answer to a commit was lost, the authors get db_unavailable although their changes may be there. One of the next
// batches tells how these messages stand by then, since a repeated change that finds its work done is no news.
//
// add() may be called on any shard and answers there.
#include "features/chat/change_teller.hpp"
#include "features/chat/chat_store.hpp"
#include "features/chat/doubtful_messages.hpp"
#include "features/chat/search_backlog.hpp"

#include <stoa/chat/chat_config.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/net/runtime.hpp>
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
  Caller actor;
  std::string text;  // the new content, or the emoji in its canonical form
};

class MessageChanger {
 public:
  MessageChanger(pg::DatabaseOptions database, net::Runtime& runtime, realtime::Hub& hub,
                 const ChatConfig& config, SearchBacklog& search_backlog);

  // Answers the whole message as it is now. Throws Error{not_found | forbidden | muted | conflict |
  // overloaded | rate_limited | db_unavailable}.
  Task<FinishedJson<MessageView>> add(Change change);

  void stop() { batcher_.stop(); }

 private:
  struct Changed {
    FinishedJson<MessageView> message;
    RoomId room;
    bool is_new = false;  // false when all was so already: nobody needs to hear of it
  };

  using Result = pg::BatchResult<Changed>;

  void require_budget(const Change& change);

  // All on the lane's thread.
  std::vector<Result> commit(pg::Tx& tx, std::span<const Change> changes);
  Changed apply(pg::Tx& tx, const Change& change) const;
  void look_for_doubtful(pg::Tx& tx);
  void require_place(const store::ReactionCounts& others) const;
  void tell(std::span<const Change> changes, std::span<const Result> results);

  ChangeTeller teller_;
  const ChatConfig& config_;
  SearchBacklog& search_backlog_;
  DoubtfulMessages in_doubt_;
  std::vector<MessageView> found_;  // of them, by the present batch
  pg::Batcher<Change, Changed> batcher_;
};

}  // namespace stoa::chat
