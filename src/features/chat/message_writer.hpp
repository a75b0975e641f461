#pragma once
// The hot path: commits messages in batches of one statement each, tells the rooms, then answers the
// senders. A message's JSON is written once and serves the broadcast and the acknowledgement. What is
// wrong with one message of a batch is answered to its sender and does not touch the others.
//
// When the answer to a commit was lost, the senders get db_unavailable although their messages may be there.
// The next batch looks for them first, and tells the rooms what it finds before it tells anything new.
//
// add() may be called on any shard and answers there.
#include "features/chat/chat_store.hpp"
#include "features/chat/doubtful_messages.hpp"
#include "features/chat/search_backlog.hpp"

#include <stoa/chat/chat_config.hpp>
#include <stoa/postgres/batcher.hpp>
#include <stoa/realtime/hub.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace stoa::chat {

class MessageWriter {
 public:
  MessageWriter(pg::Database& db, realtime::Hub& hub, const ChatConfig& config,
                SearchBacklog& search_backlog);

  // Throws Error{not_found | not_a_member | muted | conflict | overloaded | db_unavailable}.
  // No coroutine: the draft is taken before it returns.
  Task<FinishedJson<MessageView>> add(Draft&& draft);

  pg::BatcherStats stats() const { return batcher_.stats(); }
  void stop() { batcher_.stop(); }

 private:
  struct Sent {
    FinishedJson<MessageView> message;
    std::int64_t seq = 0;
    bool is_new = false;             // else it was stored before, and was told then
    std::optional<MessageId> prior;  // stored by an earlier batch; `message` is still to be read
  };
  using Result = pg::BatchResult<Sent>;
  using Queue = pg::Batcher<Draft, Sent>;

  Task<FinishedJson<MessageView>> answer(Queue::Entry entry);

  // All on the lane's thread.
  std::vector<Result> commit(pg::Tx& tx, std::span<const Draft> drafts);
  std::vector<store::Placed> insert(pg::Tx& tx, std::span<const Draft* const> drafts);
  void insert_stale(pg::Tx& tx, std::span<const Draft* const> drafts,
                    std::vector<store::Placed>& placed);
  void tell(std::span<const Draft> drafts, std::span<const Result> results);

  pg::Database& db_;
  realtime::Hub& hub_;
  DoubtfulMessages in_doubt_;
  // Until then batches look for what was stored before. Only seldom is a batch sent twice because of a resend, so that
  // nobody can double everybody's cost by resending.
  std::chrono::steady_clock::time_point resends_until_;
  SearchBacklog& search_backlog_;
  std::vector<MessageView> found_;  // the messages in doubt that the present batch has found stored
  Queue batcher_;
};

}  // namespace stoa::chat
