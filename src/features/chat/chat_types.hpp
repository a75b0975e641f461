#pragma once
// Requests, answers and events of chat, the same on REST and on sockets. Plain described values.
#include "features/chat/finished_json.hpp"

#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/files/file_view.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/rooms/views.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::chat {

using MessageId = Id<struct MessageTag>;

// ---- Messages ----

// What a client may send; `system` is the server's own.
enum class SentType { text, image, file };
BOOST_DESCRIBE_ENUM(SentType, text, image, file)
enum class MessageType { text, image, file, system };
BOOST_DESCRIBE_ENUM(MessageType, text, image, file, system)

// What lies elsewhere, as its sender says it is.
struct LinkedAttachment {
  WebUrl url;
  Label<1, 255> name;
  Text<1, 127> media_type;
  Bounded<std::int64_t, 0, 1LL << 40> size;
};
BOOST_DESCRIBE_STRUCT(LinkedAttachment, (), (url, name, media_type, size))
inline constexpr std::size_t kMostAttachments = 10;  // files among them
using Attachments = List<LinkedAttachment, kMostAttachments>;

struct Attachment : LinkedAttachment {
  Omittable<files::FileId> file_id;  // of a file that lies here: then `url` is its download
  // Of such a file that is a picture, as it was known when the message was sent.
  Omittable<int> width, height;
  Omittable<std::vector<int>> sizes;  // longer sides of smaller ones, for ?size=
};
BOOST_DESCRIBE_STRUCT(Attachment, (LinkedAttachment), (file_id, width, height, sizes))

struct Reaction {
  std::string emoji;
  int count = 0;
  std::vector<UserId> user_ids;  // the first 100
};
BOOST_DESCRIBE_STRUCT(Reaction, (), (emoji, count, user_ids))

// attachments and reactions come out of the database as the JSON that goes to clients.
struct MessageView {
  MessageId id;
  RoomId room_id;
  std::int64_t seq = 0;
  std::optional<UserId> sender_id;  // empty when the account is gone
  std::string sender_name;
  std::string content;  // empty when deleted
  MessageType message_type = MessageType::text;
  FinishedJson<std::vector<Attachment>> attachments;
  FinishedJson<std::vector<Reaction>> reactions;
  std::optional<MessageId> reply_to;
  bool is_edited = false;
  bool is_deleted = false;
  Timestamp created_at;
  // Where its sender named one; that of a REST send stands for its Idempotency-Key.
  std::optional<Uuid> client_message_id;
};
BOOST_DESCRIBE_STRUCT(MessageView, (),
                      (id, room_id, seq, sender_id, sender_name, content, message_type, attachments,
                       reactions, reply_to, is_edited, is_deleted, created_at, client_message_id))

// ---- Requests ----

// How many bytes are allowed is chat.max_content_bytes; this only keeps the schema finite.
using Content = Verbatim<1, 65536>;
using Emoji = Text<1, 32>;

struct SendMessage {
  RoomId room_id;
  Content content;
  Or<SentType, SentType::text> message_type;
  std::optional<Attachments> attachments;
  std::optional<List<files::FileId, kMostAttachments>> file_ids;  // that become attachments
  std::optional<MessageId> reply_to;
  std::optional<Uuid> client_message_id;
};
BOOST_DESCRIBE_STRUCT(SendMessage, (),
                      (room_id, content, message_type, attachments, file_ids, reply_to,
                       client_message_id))

struct EditMessage {
  MessageId message_id;
  Content content;
};
BOOST_DESCRIBE_STRUCT(EditMessage, (), (message_id, content))

struct DeleteMessage {
  MessageId message_id;
};
BOOST_DESCRIBE_STRUCT(DeleteMessage, (), (message_id))

struct React {
  MessageId message_id;
  Emoji emoji;
};
BOOST_DESCRIBE_STRUCT(React, (), (message_id, emoji))

using Seq = Bounded<std::int64_t, 0, (1LL << 53) - 1>;  // exact in a JavaScript number

struct MarkRead {
  RoomId room_id;
  Seq seq;
};
BOOST_DESCRIBE_STRUCT(MarkRead, (), (room_id, seq))

struct Typing {
  RoomId room_id;
  bool is_typing = false;
};
BOOST_DESCRIBE_STRUCT(Typing, (), (room_id, is_typing))

struct EnterRoom {
  RoomId room_id;
  std::optional<Seq> since_seq;
  Or<bool, false> as_member;  // a public room is not joined on the way
};
BOOST_DESCRIBE_STRUCT(EnterRoom, (), (room_id, since_seq, as_member))

struct ExitRoom {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(ExitRoom, (), (room_id))

// `before` and `after` are sequence numbers, both exclusive.
struct HistoryQuery {
  RoomId room_id;
  std::optional<Seq> before;
  std::optional<Seq> after;
  Or<Bounded<int, 1, 100>, 20> limit;
};
BOOST_DESCRIBE_STRUCT(HistoryQuery, (), (room_id, before, after, limit))

struct SearchQuery {
  Text<1, 200> q;
  std::optional<RoomId> room_id;
  Or<Bounded<int, 1, 100>, 20> limit;
  std::optional<Cursor> cursor;
};
BOOST_DESCRIBE_STRUCT(SearchQuery, (), (q, room_id, limit, cursor))

// ---- Answers ----

struct ChatEntry {
  rooms::RoomView room;
  std::vector<rooms::Participant> participants;
  FinishedJson<std::vector<MessageView>> messages;  // oldest first
  std::int64_t last_seq = 0;
  bool complete = true;  // false: more was missed than is here; read on in the history
};
BOOST_DESCRIBE_STRUCT(ChatEntry, (), (room, participants, messages, last_seq, complete))

// The last part of a ChatEntry, as the history knows it.
struct Missed {
  FinishedJson<std::vector<MessageView>> messages;
  std::int64_t last_seq = 0;
  bool complete = true;
};

struct History {
  FinishedJson<std::vector<MessageView>>
      items;  // newest first; oldest first where `after` was given
  std::int64_t last_seq = 0;
  bool has_more = false;  // in the direction asked for
};
BOOST_DESCRIBE_STRUCT(History, (), (items, last_seq, has_more))

struct ReadMark {
  RoomId room_id;
  UserId user_id;
  std::int64_t seq = 0;
};
BOOST_DESCRIBE_STRUCT(ReadMark, (), (room_id, user_id, seq))

// ---- Events ----

struct UserTyping {
  RoomId room_id;
  UserId user_id;
  std::string name;
  bool is_typing = false;
};
BOOST_DESCRIBE_STRUCT(UserTyping, (), (room_id, user_id, name, is_typing))

using realtime::Outgoing;
inline constexpr Outgoing<MessageView> kNewMessage{"new_message", "A message was committed"};
inline constexpr Outgoing<MessageView> kMessageUpdated{
    "message_updated", "A message was edited, deleted or reacted to; here it is whole"};
inline constexpr Outgoing<ReadMark> kReadUpdated{"read_updated",
                                                 "A member has read up to this message"};
inline constexpr Outgoing<UserTyping> kUserTyping{"user_typing", "A member types, or stopped"};

}  // namespace stoa::chat
