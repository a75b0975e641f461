#pragma once
// Messages of rooms: sending, changing, reading, and being in a room to hear them.
//
// Order. Messages are committed in batches, one batch after another, and published in the order of
// their commit, before their senders are acknowledged. Changes of messages (edits, reactions,
// deletions) go through batches of their own in the same way, so what was committed last about a
// message is also what everybody hears last; of a long one that changes often not each state is told. A change can only be asked for by a client that knows the message,
// which is after it was published.
//
// Owned by the composition root; callable on any shard.
#include <stoa/chat/chat_config.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/files/files.hpp>
#include <stoa/http/route.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/batcher.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/rooms/membership.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace stoa {
template <class T>
struct FinishedJson;
}

namespace stoa::chat {

struct Draft;
struct MessageView;
struct SendMessage;
struct EditMessage;
struct DeleteMessage;
struct React;
struct MarkRead;
struct ReadMark;
struct HistoryQuery;
struct History;
struct SearchQuery;
struct Missed;
class MessageWriter;
class MessageChanger;
class SearchBacklog;
class Typists;

// Files that messages have.
inline constexpr files::Kind kMessageFile{"message", files::In::room};

class Chat final : public realtime::SessionObserver, public files::Keeper {
 public:
  // The batches have two connections of their own, besides those of `db`.
  // `public_url`: of this server, for the addresses of files.
  Chat(pg::Database& db, net::Runtime& runtime, realtime::Hub& hub, rooms::Membership& rooms,
       files::Files& files, const ChatConfig& config, std::string public_url);
  ~Chat() override;
  // Commits what was taken on and refuses what is new. Blocks.
  void stop();
  // Of new messages, for the metrics; any thread.
  pg::BatcherStats batches() const;
  // How often new messages were sorted into the search index; likewise.
  std::uint64_t searches_sorted() const;

  // Answers once the message is committed. The same clientMessageId answers the same message.
  Task<FinishedJson<MessageView>> send(Caller caller, SendMessage request);
  // The same for REST: an Idempotency-Key stands for the clientMessageId, where there is none.
  Task<FinishedJson<MessageView>> post(Creator creator, SendMessage request);
  Task<FinishedJson<MessageView>> edit(Caller caller, EditMessage request);
  Task<FinishedJson<MessageView>> erase(Caller caller, DeleteMessage request);
  Task<FinishedJson<MessageView>> add_reaction(Caller caller, React request);
  Task<FinishedJson<MessageView>> remove_reaction(Caller caller, React request);

  Task<ReadMark> mark_read(Caller caller, MarkRead request);
  Task<History> history(Caller caller, HistoryQuery query);
  Task<Page<MessageView>> search(Caller caller, SearchQuery query);

  // What a join answers: what came after `since`, or else the last few.
  // Throws Error{not_a_member}.
  Task<Missed> missed(UserId user, RoomId room, std::optional<std::int64_t> since);

  rooms::Membership& rooms() noexcept { return rooms_; }
  realtime::Hub& hub() noexcept { return hub_; }
  Typists& typists() noexcept { return *typists_; }

  // files::Keeper: members may bring files while they may speak, and have those of the room's messages.
  Task<> require_uploader(Caller caller, std::optional<RoomId> room) override;
  Task<> require_reader(UserId reader, const files::File& file) override;

  // SessionObserver
  void session_ended(realtime::Session& session) override;
  Task<> session_resumed(realtime::SessionPtr session,
                         std::vector<realtime::Topic> topics) override;

 private:
  void check_content(const std::string& content) const;
  Task<FinishedJson<MessageView>> send_with_files(Draft draft);

  pg::Database& db_;
  realtime::Hub& hub_;
  rooms::Membership& rooms_;
  files::Files& files_;
  const ChatConfig& config_;
  const std::string public_url_;
  std::unique_ptr<SearchBacklog> search_backlog_;
  std::unique_ptr<MessageWriter> writer_;
  std::unique_ptr<MessageChanger> changer_;
  std::unique_ptr<Typists> typists_;
};

http::Routes chat_routes(Chat& chat);
realtime::Events chat_events(Chat& chat);
realtime::OutgoingTable chat_sends();

}  // namespace stoa::chat
