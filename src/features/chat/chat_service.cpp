#include "features/chat/chat_store.hpp"
#include "features/chat/chat_types.hpp"
#include "features/chat/message_changer.hpp"
#include "features/chat/message_key.hpp"
#include "features/chat/message_writer.hpp"
#include "features/chat/search_words.hpp"
#include "features/chat/typists.hpp"

#include <stoa/chat/chat.hpp>
#include <stoa/chat/chat_config.hpp>
#include <stoa/core/paging.hpp>
#include <stoa/core/text.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/rooms/rooms_topic.hpp>
#include <stoa/rooms/who_may.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace stoa::chat {
namespace {

constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

[[noreturn]] void refuse(std::string_view field, std::string_view code, std::string message) {
  Issues issues;
  issues.enter(field);
  issues.add(code, std::move(message));
  issues.raise();
}

std::string emoji_of(const React& request) {
  auto emoji = canonical_emoji(request.emoji.value);
  if (!emoji) refuse("emoji", "invalid_string", "Expected one emoji");
  return std::move(*emoji);
}

void check_attachments(const SendMessage& message) {
  if (!message.file_ids || !message.attachments) return;
  const std::size_t count = message.file_ids->items.size() + message.attachments->items.size();
  if (count <= kMostAttachments) return;
  refuse("fileIds", "too_big",
         "At most " + std::to_string(kMostAttachments) + " attachments and files together");
}

std::string download_url(std::string_view public_url, files::FileId file) {
  std::string url(public_url.substr(0, public_url.find_last_not_of('/') + 1));
  return url.append("/api/files/").append(file.str()).append("/download");
}

// As many of the messages as have at most `bytes` as JSON, but at least one: an answer must fit into the
// session's outbound queue, whatever was said, and is written on the shard.
std::vector<std::string> written(const std::vector<MessageView>& messages, std::size_t bytes) {
  std::vector<std::string> out;
  std::size_t size = 0;
  for (const MessageView& message : messages) {
    std::string json = write(message);
    size += json.size() + 1;
    if (!out.empty() && size > bytes) break;
    out.push_back(std::move(json));
  }
  return out;
}

std::string as_array(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += item;
  }
  return out + "]";
}

// What somebody who comes into a room is to be told of it.
struct Gap {
  std::int64_t after = 0;  // and up to `last`: the subscription holds back what comes later
  std::int64_t last = 0;
  int most = 0;
  bool resumes = false;
  bool whole = true;  // unless the room says otherwise
};

// Of a page: what anybody may have at any time.
constexpr std::size_t kQuicklyRead = 32 * config::kKiB;

// Whether these are as many as were asked for, or end with `end`: a room's numbers have no gap.
bool is_whole(const std::vector<MessageView>& messages, int most, std::int64_t end) {
  return messages.empty() || messages.size() == static_cast<std::size_t>(most) ||
         messages.back().seq == end;
}

// `newest`: the newest first.
Missed told(const Gap& gap, const std::vector<MessageView>& newest, std::size_t bytes) {
  Missed missed;
  missed.last_seq = gap.last;
  missed.complete = gap.whole;
  std::vector<std::string> messages = written(newest, bytes);
  if (gap.resumes) {
    missed.complete = messages.empty() || newest[messages.size() - 1].seq == gap.after + 1;
  }
  std::reverse(messages.begin(), messages.end());
  missed.messages.json = as_array(messages);
  return missed;
}

}  // namespace

Chat::Chat(pg::Database& db, net::Runtime& runtime, realtime::Hub& hub, rooms::Membership& rooms,
           files::Files& files, const ChatConfig& config, std::string public_url)
    : db_(db),
      hub_(hub),
      rooms_(rooms),
      files_(files),
      config_(config),
      public_url_(std::move(public_url)),
      search_backlog_(std::make_unique<SearchBacklog>(db, config.search_backlog_bytes)),
      writer_(std::make_unique<MessageWriter>(db, hub, config, *search_backlog_)),
      changer_(
          std::make_unique<MessageChanger>(db.options(), runtime, hub, config, *search_backlog_)),
      typists_(std::make_unique<Typists>(config.typing_throttle)) {}

Chat::~Chat() = default;

void Chat::stop() {
  writer_->stop();
  changer_->stop();
}

pg::BatcherStats Chat::batches() const {
  return writer_->stats();
}

std::uint64_t Chat::searches_sorted() const {
  return search_backlog_->sorted();
}

// ---- Sending and changing ----

Task<FinishedJson<MessageView>> Chat::send(Caller caller, SendMessage request) {
  check_content(request.content.value);
  check_attachments(request);
  Draft draft{MessageId::make(), caller.user, std::move(request), "[]", {}, {}};
  draft.words = plain_words(draft.message.content.value);
  if (draft.message.attachments) {
    draft.attachments = write(*draft.message.attachments);
    draft.message.attachments.reset();
  }
  if (draft.message.file_ids && !draft.message.file_ids->items.empty()) {
    return send_with_files(std::move(draft));
  }
  return writer_->add(std::move(draft));
}

// What its files are is read before, and whether they may be the message's is judged where it is stored. One that is not there
// may have gone with the message whose resend this is.
Task<FinishedJson<MessageView>> Chat::send_with_files(Draft draft) {
  std::vector<files::FileId> ids;
  for (const files::FileId id : draft.message.file_ids->items) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  draft.message.file_ids.reset();
  draft.files = ids;
  const std::vector<files::File> found = co_await files_.find(std::move(ids));
  std::string& json = draft.attachments;
  json.pop_back();
  for (const files::FileId id : draft.files) {
    const auto file =
        std::find_if(found.begin(), found.end(), [id](const auto& one) { return one.id == id; });
    if (file == found.end() || file->owner_id != draft.sender) continue;
    Attachment attachment;
    attachment.url.value = download_url(public_url_, id);
    attachment.name.value = file->name;
    attachment.media_type.value = file->media_type;
    attachment.size.value = file->size;
    attachment.file_id = id;
    if (file->width) {
      attachment.width = file->width;
      attachment.height = file->height;
      attachment.sizes = file->sizes;
    }
    if (json.size() > 1) json += ',';
    write_to(json, attachment);
  }
  json += ']';
  auto message = co_await writer_->add(std::move(draft));
  co_return message;
}

Task<> Chat::require_uploader(Caller caller, std::optional<RoomId> room) {
  const auto member = co_await rooms_.get_member(caller.user, *room);
  rooms::require_voice(member.muted_until);
}

Task<> Chat::require_reader(UserId reader, const files::File& file) {
  if (!file.room_id) throw Error(Code::not_found);
  co_await rooms_.get_member(reader, *file.room_id);
}

Task<FinishedJson<MessageView>> Chat::post(Creator creator, SendMessage request) {
  if (creator.key && !request.client_message_id) {
    const MessageKey key = message_key(*creator.key);
    const auto used = co_await db_.run(store::find_client_message(creator.user, key));
    if (used && *used != key.id) throw Error(Code::key_reused);
    creator.key->replayed = used.has_value();
    request.client_message_id = key.id;
  }
  Caller& caller = creator;
  auto message = co_await send(std::move(caller), std::move(request));
  co_return message;
}

Task<FinishedJson<MessageView>> Chat::edit(Caller caller, EditMessage request) {
  check_content(request.content.value);
  Change change{Change::Kind::edit, request.message_id, std::move(caller),
                std::move(request.content.value)};
  return changer_->add(std::move(change));
}

Task<FinishedJson<MessageView>> Chat::erase(Caller caller, DeleteMessage request) {
  Change change{Change::Kind::erase, request.message_id, std::move(caller), {}};
  return changer_->add(std::move(change));
}

Task<FinishedJson<MessageView>> Chat::add_reaction(Caller caller, React request) {
  Change change{Change::Kind::react, request.message_id, std::move(caller), emoji_of(request)};
  return changer_->add(std::move(change));
}

Task<FinishedJson<MessageView>> Chat::remove_reaction(Caller caller, React request) {
  Change change{Change::Kind::unreact, request.message_id, std::move(caller), emoji_of(request)};
  return changer_->add(std::move(change));
}

void Chat::check_content(const std::string& content) const {
  const std::size_t most = config_.max_content_bytes;
  if (content.size() > most) {
    refuse("content", "too_big", "At most " + std::to_string(most) + " bytes");
  }
  if (is_blank(content)) refuse("content", "too_small", "Must not be blank");
}

// ---- Reading ----

// Marks only grow, and the largest counts: they need no order, and one that was told in doubt is what its reader has said.
Task<ReadMark> Chat::mark_read(Caller caller, MarkRead request) {
  auto work = [this, room = request.room_id, user = caller.user,
               seq = request.seq.value](pg::Tx& tx) {
    const store::Marked marked =
        rooms::require_member(tx.run(store::move_read_mark(room, user, seq)));
    const ReadMark mark{room, user, marked.seq};
    if (marked.moved) {
      tx.then([this, mark] { hub_.publish(rooms::topic_of(mark.room_id), kReadUpdated, mark); });
    }
    return mark;
  };
  co_return co_await db_.transaction(std::move(work));
}

Task<History> Chat::history(Caller caller, HistoryQuery query) {
  auto found_seq = co_await db_.run(store::find_last_seq(query.room_id, caller.user));
  const std::int64_t last = rooms::require_member(std::move(found_seq));
  const std::int64_t after = query.after ? query.after->value : 0;
  const std::int64_t before = std::min(query.before ? query.before->value : kNoEnd, last + 1);
  const std::int64_t end = query.after ? before - 1 : after + 1;
  const int limit = *query.limit;
  const auto listing = [&](std::size_t bytes) {
    return query.after ? store::list_oldest(query.room_id, after, before, limit, bytes)
                       : store::list_newest(query.room_id, after, before, limit, bytes);
  };
  auto quick = listing(kQuicklyRead);
  auto rows = co_await db_.run(std::move(quick));
  if (!is_whole(rows, limit, end)) {
    // As where somebody comes into a room: those who ask for much take turns.
    auto slow = listing(config_.answer_bytes).slow(net::turn_of(caller.user));
    rows = co_await db_.run(std::move(slow));
  }
  const std::vector<std::string> items = written(rows, config_.answer_bytes);
  History history;
  history.last_seq = last;
  history.has_more = !items.empty() && rows[items.size() - 1].seq != end;
  history.items.json = as_array(items);
  co_return history;
}

Task<Page<MessageView>> Chat::search(Caller caller, SearchQuery query) {
  const auto before = id_of<MessageId>(query.cursor);
  const int limit = *query.limit;
  auto searching = store::search_messages(caller.user, query, before);
  std::vector<MessageView> found = co_await db_.run(std::move(searching));
  co_return page_by_id(std::move(found), limit, config_.answer_bytes);
}

Task<Missed> Chat::missed(UserId user, RoomId room, std::optional<std::int64_t> since) {
  // On a database thread: so many messages take a while to write as JSON.
  auto work = [this, user, room, since](pg::Tx& tx) {
    const auto last = rooms::require_member(tx.run(store::find_last_seq(room, user)));
    std::pair<Gap, std::optional<Missed>> out;
    Gap& gap = out.first;
    gap.last = last;
    // A `since` that the room never reached belongs to another room.
    gap.whole = !since || *since <= last;
    gap.resumes = since && gap.whole;
    if (gap.resumes) gap.after = *since;
    gap.most = static_cast<int>(gap.resumes ? config_.resume_limit : config_.history_page);
    const auto rows = tx.run(store::list_newest(room, gap.after, last + 1, gap.most, kQuicklyRead));
    if (is_whole(rows, gap.most, gap.after + 1)) {
      out.second = told(gap, rows, config_.answer_bytes);
    }
    return out;
  };
  auto [gap, missed] = co_await db_.read(std::move(work));
  if (missed) co_return std::move(*missed);
  // Long texts are read by few at a time, and those who ask for them take turns.
  auto listing = store::list_newest(room, gap.after, gap.last + 1, gap.most, config_.answer_bytes)
                     .slow(net::turn_of(user));
  const auto rows = co_await db_.run(std::move(listing));
  co_return told(gap, rows, config_.answer_bytes);
}

void Chat::session_ended(realtime::Session& session) {
  typists_->forget(session.id());
}

}  // namespace stoa::chat
