#include "features/chat/message_changer.hpp"

#include "features/chat/chat_audit.hpp"

#include <stoa/chat/chat_config.hpp>
#include <stoa/files/keeping.hpp>
#include <stoa/postgres/search_query.hpp>
#include <stoa/rooms/who_may.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace stoa::chat {
namespace {

// Each takes several statements, so that fewer of them than of new messages share a commit.
constexpr std::size_t kChangesTogether = 64;

void require_there(const store::Standing& standing) {
  if (standing.is_deleted) throw Error(Code::conflict, "This message was deleted");
}

void erase(pg::Tx& tx, const Change& change, const store::Standing& standing) {
  store::erase_message(tx, change.message);
  if (standing.has_files) tx.run(files::drop_held(change.message.uuid));
  if (standing.sender_id == change.actor.user) return;
  audit::write(tx, change.actor, kEraseMessage,
               {{"message", change.message}, audit::Thing("room", standing.room_id)},
               MessageState{standing.sender_id, false}, MessageState{standing.sender_id, true});
}

}  // namespace

MessageChanger::MessageChanger(pg::DatabaseOptions database, net::Runtime& runtime,
                               realtime::Hub& hub, const ChatConfig& config,
                               SearchBacklog& search_backlog)
    : teller_(runtime, hub, config),
      config_(config),
      search_backlog_(search_backlog),
      in_doubt_(config.queue, database.statement_timeout),
      batcher_(
          std::move(database),
          {.batch = kChangesTogether,
           .queue = config.queue,
           .batch_bytes = config.batch_bytes,
           .queue_bytes = config.queue_bytes,
           .large = pg::kLongText,  // waits while the sorting is behind
           .large_may_go = [this] { return !search_backlog_.is_behind(); },
           .queue_timeout = config.queue_timeout},
          [this](pg::Tx& tx, std::span<const Change> changes) { return commit(tx, changes); },
          [this](std::span<const Change> changes, std::span<const Result> results) {
            tell(changes, results);
          },
          [this](std::span<const Change> changes) {
            for (const Change& change : changes) in_doubt_.add(change.message);
          }) {}

Task<FinishedJson<MessageView>> MessageChanger::add(Change change) {
  require_budget(change);
  const pg::BatchWeight weight{change.actor.user.uuid, change.text.size(),
                               pg::surcharge_of(change.text)};
  Changed changed = co_await batcher_.add(std::move(change), weight);
  co_return std::move(changed.message);
}

std::vector<MessageChanger::Result> MessageChanger::commit(pg::Tx& tx,
                                                           std::span<const Change> changes) {
  std::vector<Result> results;
  results.reserve(changes.size());
  for (const Change& change : changes) {
    try {
      require_budget(change);
      results.emplace_back(apply(tx, change));
    } catch (const Error& refused) {  // by a rule, after reading: the transaction is unharmed
      results.emplace_back(refused);
    }
  }
  look_for_doubtful(tx);
  return results;
}

// A row that can be had is as the doubtful commit has left it, if there was one: until then that one holds it. After the
// batch's own changes, so that what is changed again is among them.
void MessageChanger::look_for_doubtful(pg::Tx& tx) {
  found_.clear();
  std::vector<MessageId> ids = in_doubt_.ids();
  if (!ids.empty()) ids = tx.run(store::lock_free_messages(ids));
  if (!ids.empty()) found_ = tx.run(store::list_messages(ids));
}

MessageChanger::Changed MessageChanger::apply(pg::Tx& tx, const Change& change) const {
  const UserId actor = change.actor.user;
  const store::Standing standing =
      require_found(tx.run(store::lock_message(change.message, actor)));
  Changed result;
  result.room = standing.room_id;
  switch (change.kind) {
    case Change::Kind::edit:
      require_owner(standing.sender_id, actor, "Only its author edits a message");
      require_there(standing);
      rooms::require_voice(standing.is_muted);
      result.is_new = tx.run(store::set_content(change.message, change.text)).value > 0;
      break;
    case Change::Kind::erase:
      require_owner_or_rank(standing.sender_id, actor, standing.role, rooms::RoomRole::moderator,
                            "Only its author or a moderator deletes a message");
      result.is_new = !standing.is_deleted;
      if (result.is_new) erase(tx, change, standing);
      break;
    case Change::Kind::react:
      require_there(standing);
      rooms::require_voice(standing.is_muted);
      require_place(tx.run(store::count_other_reactions(change.message, actor, change.text)));
      result.is_new = tx.run(store::insert_reaction(change.message, actor, change.text)).value > 0;
      break;
    case Change::Kind::unreact:
      result.is_new = tx.run(store::delete_reaction(change.message, actor, change.text)).value > 0;
      break;
  }
  result.message.json = write(tx.run(store::get_message(change.message)));
  return result;
}

// Before it waits, and once more when its turn has come: what one person has under way at once is more than he may cause.
void MessageChanger::require_budget(const Change& change) {
  if (change.kind != Change::Kind::erase) teller_.require_budget(change.actor.user);
}

// So that one person does not take all from the others.
void MessageChanger::require_place(const store::ReactionCounts& others) const {
  if (others.emoji >= static_cast<int>(config_.max_reactions_per_message)) {
    throw Error(Code::conflict, "This message has as many different reactions as it may");
  }
  if (others.own >= static_cast<int>(config_.max_reactions_per_user)) {
    throw Error(Code::conflict, "You have put as many reactions on this message as you may");
  }
}

// Of each message its last state: an event has the whole of it.
void MessageChanger::tell(std::span<const Change> changes, std::span<const Result> results) {
  std::vector<ChangedMessage> told;
  std::unordered_set<MessageId> seen;
  std::size_t edited = 0;
  for (std::size_t i = results.size(); i-- > 0;) {
    const Changed* const changed = std::get_if<Changed>(&results[i]);
    if (changed == nullptr || !changed->is_new) continue;
    if (changes[i].kind == Change::Kind::edit) edited += changes[i].text.size();
    if (!seen.insert(changes[i].message).second) continue;
    told.push_back({changes[i].message, changed->room, changes[i].actor.user, changed->message.json,
                    changes[i].kind == Change::Kind::erase});
  }
  std::reverse(told.begin(), told.end());
  for (const MessageView& message : found_) {
    told.push_back({message.id, message.room_id, std::nullopt, write(message), message.is_deleted});
  }
  in_doubt_.settle(found_);
  if (!told.empty()) teller_.tell(std::move(told));
  search_backlog_.add(edited);
}

}  // namespace stoa::chat
