#pragma once
// SQL of messages, reactions and read markers.
#include "features/chat/chat_types.hpp"
#include "features/chat/message_key.hpp"

#include <stoa/core/config_types.hpp>
#include <stoa/postgres/tx.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace stoa::chat {

// A message on its way into the database. Made on the sender's shard, with all that can be done there.
struct Draft {
  MessageId id;
  UserId sender;
  SendMessage message;
  std::string attachments;           // as JSON
  std::vector<files::FileId> files;  // that are to be the message's own
  std::optional<std::string> words;  // what it is found by, where that is for us to say
};

namespace store {

// ---- Sending ----

// What became of one draft of a batch: a problem (the room's type where the sender is no member; `conflict` where something
// else was stored with its clientMessageId), or the same was stored before, or a place in the room's sequence.
struct Placed {
  std::optional<std::string> problem;
  std::optional<MessageId> prior;
  std::optional<std::int64_t> seq;
  std::optional<std::string> sender_name;
  std::optional<Timestamp>
      created_at;  // the statement's time; set in all that insert_messages answers
};
BOOST_DESCRIBE_STRUCT(Placed, (), (problem, prior, seq, sender_name, created_at))

// Whether a statement looks for what was stored before under the same clientMessageIds: a look-up of its own for each
// message, a sixth of what a batch costs. Without, only what would be refused is looked for, and other resends make it throw
// UniqueViolation: what is answered is the same.
enum class Resends { unexpected, looked_for };

// In the order of the drafts; one statement, which needs no transaction around it. Holds the rooms' rows,
// locked in the order of their ids, up to the commit: that makes each room's sequence gapless and its
// order the order of commits. No two drafts may share sender and clientMessageId. Throws UniqueViolation
// also when somebody else has stored one of the clientMessageIds meanwhile; the next attempt that looks sees it.
// Files that drafts name become their messages' in the same statement, which is another one then, so that messages
// without files do not pay for it; what stands in the way of that is a problem too.
// `stale` is the problem of drafts for a room whose members changed while the statement waited for it: nothing of them was
// stored, and another statement sees what they may.
std::vector<Placed> insert_messages(pg::Tx& tx, std::span<const Draft* const> drafts,
                                    Resends resends);

// ---- Reading ----

// What the sender has used the key for: the key's own id where that is there, or else another one.
pg::Query<std::optional<Uuid>> find_client_message(UserId sender, const MessageKey& key);

pg::Query<MessageView> get_message(MessageId id);
// Those that are there, each room's in the order of their seq.
pg::Query<std::vector<MessageView>> list_messages(const std::vector<MessageId>& ids);

// The room's last seq; empty where the user is no member, or the room is closed.
pg::Query<std::optional<std::int64_t>> find_last_seq(RoomId room, UserId member);
// after < seq < before; the newest of them first, or else the oldest first. No more than have about `bytes` with attachments
// and reactions, but at least one.
pg::Query<std::vector<MessageView>> list_newest(RoomId room, std::int64_t after,
                                                std::int64_t before, int limit, std::size_t bytes);
pg::Query<std::vector<MessageView>> list_oldest(RoomId room, std::int64_t after,
                                                std::int64_t before, int limit, std::size_t bytes);
// Of the rooms that `member` is in; newest first. Reads every message there that has the words.
pg::Query<std::vector<MessageView>> search_messages(UserId member, const SearchQuery& query,
                                                    std::optional<MessageId> before);

// ---- For the copy that a person takes ----

struct OwnMessage {
  MessageId id;
  RoomId room_id;
  std::int64_t seq = 0;
  std::string content;
  MessageType message_type = MessageType::text;
  FinishedJson<std::vector<Attachment>> attachments;
  std::optional<MessageId> reply_to;
  bool is_edited = false;
  bool is_deleted = false;
  Timestamp created_at;
  std::optional<Uuid> client_message_id;
};
BOOST_DESCRIBE_STRUCT(OwnMessage, (),
                      (id, room_id, seq, content, message_type, attachments, reply_to, is_edited,
                       is_deleted, created_at, client_message_id))
// Those with a clientMessageId by that, and those without by their age.
pg::Query<std::vector<OwnMessage>> export_messages(UserId user,
                                                   const std::optional<std::tuple<Uuid>>& after,
                                                   int limit);
pg::Query<std::vector<OwnMessage>> export_unnamed_messages(
    UserId user, const std::optional<std::tuple<MessageId>>& after, int limit);
struct OwnReaction {
  MessageId message_id;
  std::vector<std::string> emoji;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(OwnReaction, (), (message_id, emoji, created_at))
pg::Query<std::vector<OwnReaction>> export_reactions(
    UserId user, const std::optional<std::tuple<MessageId>>& after, int limit);

// Has PostgreSQL sort the words of new messages into the index; answers how many pages of them there were.
pg::Query<std::int64_t> sort_search();

// ---- Changing ----

// What decides who may change a message. Holds the message's row.
struct Standing {
  RoomId room_id;
  std::optional<UserId> sender_id;
  bool is_deleted = false;
  bool has_files = false;
  rooms::RoomRole role = rooms::RoomRole::member;
  bool is_muted = false;
};
BOOST_DESCRIBE_STRUCT(Standing, (), (room_id, sender_id, is_deleted, has_files, role, is_muted))
// Empty where the actor is no member of its room.
pg::Query<std::optional<Standing>> lock_message(MessageId id, UserId actor);

// Holds the rows of those that nobody else holds, and answers which.
pg::Query<std::vector<MessageId>> lock_free_messages(const std::vector<MessageId>& ids);

pg::Query<pg::Count> set_content(MessageId id, const std::string& content);
void erase_message(pg::Tx& tx, MessageId id);
struct ReactionCounts {
  int emoji = 0;  // different ones
  int own = 0;    // of the user
};
BOOST_DESCRIBE_STRUCT(ReactionCounts, (), (emoji, own))
// Beside that emoji.
pg::Query<ReactionCounts> count_other_reactions(MessageId id, UserId user,
                                                const std::string& emoji);
pg::Query<pg::Count> insert_reaction(MessageId id, UserId user, const std::string& emoji);
pg::Query<pg::Count> delete_reaction(MessageId id, UserId user, const std::string& emoji);

struct Marked {
  std::int64_t seq = 0;
  bool moved = false;
};
BOOST_DESCRIBE_STRUCT(Marked, (), (seq, moved))
// Never backwards, never past the room's last message. Empty where the user is no member.
pg::Query<std::optional<Marked>> move_read_mark(RoomId room, UserId user, std::int64_t seq);

// Lets go the files of messages in rooms that were closed so long ago, of one room at a time. Answers as a chore does.
std::int64_t drop_closed_files(pg::Tx& tx, Duration after, int most);

}  // namespace store
}  // namespace stoa::chat
