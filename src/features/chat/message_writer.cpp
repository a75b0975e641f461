#include "features/chat/message_writer.hpp"

#include <stoa/chat/chat_config.hpp>
#include <stoa/core/log.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/postgres/search_query.hpp>
#include <stoa/rooms/rooms_topic.hpp>
#include <stoa/rooms/who_may.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <utility>

namespace stoa::chat {
namespace {

constexpr std::string_view kStale = "stale";
// How often a batch's statement is repeated for rooms whose members changed meanwhile.
constexpr int kLooks = 3;

Error error_of(std::string_view problem) {
  if (problem == "conflict") {
    return Error(Code::conflict, "This clientMessageId was used for another message");
  }
  if (const auto room = enum_from<rooms::RoomType>(problem)) return Error(rooms::outside(*room));
  if (problem == "muted") return Error(rooms::kMuted);
  if (problem == "file_not_found") {
    return Error(Code::not_found, "You have brought no such file into this room");
  }
  if (problem == "file_in_use") return Error(files::kInUse);
  if (problem == "file_not_ready") return Error(files::kNotReady);
  if (problem == "reply_not_found") {
    return Error(Code::not_found, "The message that this replies to is not in this room");
  }
  if (problem == kStale) {
    Error error(Code::db_unavailable);
    error.retry_after(std::chrono::seconds(1));
    return error;
  }
  return Error(Code::not_found);
}

std::string json_of(const Draft& draft, store::Placed& placed) {
  const SendMessage& message = draft.message;
  MessageView view;
  view.id = draft.id;
  view.room_id = message.room_id;
  view.seq = *placed.seq;
  view.sender_id = draft.sender;
  view.sender_name = std::move(placed.sender_name).value_or("");
  view.content = message.content.value;
  switch (*message.message_type) {
    case SentType::text:
      view.message_type = MessageType::text;
      break;
    case SentType::image:
      view.message_type = MessageType::image;
      break;
    case SentType::file:
      view.message_type = MessageType::file;
      break;
  }
  view.attachments.json = draft.attachments;
  view.reactions.json = "[]";
  view.reply_to = message.reply_to;
  view.created_at = *placed.created_at;
  view.client_message_id = message.client_message_id;
  std::string json;
  json.reserve(view.content.size() + view.attachments.json.size() + 512);
  write_to(json, view);
  return json;
}

// What makes two drafts one message, as numbers: hundreds of them are sorted with every batch.
struct ResendKey {
  explicit ResendKey(const Draft& draft)
      : numbers(std::bit_cast<Numbers>(
            std::array{draft.sender.uuid, *draft.message.client_message_id})) {}
  auto operator<=>(const ResendKey&) const = default;

  using Numbers = std::array<std::uint64_t, 4>;
  Numbers numbers;
};

// Whether what two drafts with one clientMessageId say is the same.
bool is_same(const Draft& one, const Draft& other) {
  const SendMessage& a = one.message;
  const SendMessage& b = other.message;
  return a.room_id == b.room_id && a.content == b.content && *a.message_type == *b.message_type &&
         one.attachments == other.attachments && a.reply_to == b.reply_to;
}

// For each draft the first one with the same sender and clientMessageId.
std::vector<std::size_t> firsts_of(std::span<const Draft> drafts) {
  std::vector<std::size_t> first(drafts.size());
  std::iota(first.begin(), first.end(), 0);
  std::vector<std::pair<ResendKey, std::size_t>> order;
  order.reserve(drafts.size());
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (drafts[i].message.client_message_id) order.emplace_back(ResendKey(drafts[i]), i);
  }
  std::sort(order.begin(), order.end());
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (order[i].first == order[i - 1].first) {
      first[order[i].second] = first[order[i - 1].second];
    }
  }
  return first;
}

// A client that resends one stored message is likely to resend all that it had no answer for.
constexpr std::chrono::seconds kResendsGoOn{10};

}  // namespace

MessageWriter::MessageWriter(pg::Database& db, realtime::Hub& hub, const ChatConfig& config,
                             SearchBacklog& search_backlog)
    : db_(db),
      hub_(hub),
      in_doubt_(config.queue, db.options().statement_timeout),
      search_backlog_(search_backlog),
      batcher_(
          db.options(),
          {.batch = config.batch,
           .queue = config.queue,
           .batch_bytes = config.batch_bytes,
           .queue_bytes = config.queue_bytes,
           .large = pg::kLongText,  // waits while the sorting is behind
           .large_may_go = [this] { return !search_backlog_.is_behind(); },
           .queue_timeout = config.queue_timeout,
           .mode = pg::Mode::autocommit},
          [this](pg::Tx& tx, std::span<const Draft> drafts) { return commit(tx, drafts); },
          [this](std::span<const Draft> drafts, std::span<const Result> results) {
            tell(drafts, results);
          },
          [this](std::span<const Draft> drafts) {
            for (const Draft& draft : drafts) in_doubt_.add(draft.id);
          }) {}

Task<FinishedJson<MessageView>> MessageWriter::add(Draft&& draft) {
  const std::string& text = draft.message.content.value;
  const pg::BatchWeight weight{draft.sender.uuid, text.size() + draft.attachments.size(),
                               pg::surcharge_of(text)};
  return answer(batcher_.enter(std::move(draft), weight));
}

Task<FinishedJson<MessageView>> MessageWriter::answer(Queue::Entry entry) {
  co_await entry.stored();
  Sent sent = entry.take();
  if (sent.prior) {
    const MessageView prior = co_await db_.run(store::get_message(*sent.prior));
    sent.message.json = write(prior);
  }
  co_return std::move(sent.message);
}

// One statement, so that it commits itself: a lone message waits for one round trip.
std::vector<store::Placed> MessageWriter::insert(pg::Tx& tx, std::span<const Draft* const> drafts) {
  using store::Resends;
  const auto now = std::chrono::steady_clock::now();
  try {
    const auto resends = now < resends_until_ ? Resends::looked_for : Resends::unexpected;
    return store::insert_messages(tx, drafts, resends);
  } catch (const pg::UniqueViolation&) {
    resends_until_ = now + kResendsGoOn;
  }
  try {
    return store::insert_messages(tx, drafts, Resends::looked_for);
  } catch (const pg::UniqueViolation&) {
    // The same message came through another node, which was a little faster: now it is seen.
    return store::insert_messages(tx, drafts, Resends::looked_for);
  }
}

// What the first statement stored stays, so nothing here throws: a message that is not known to be stored is in doubt.
void MessageWriter::insert_stale(pg::Tx& tx, std::span<const Draft* const> drafts,
                                 std::vector<store::Placed>& placed) {
  for (int look = 0; look < kLooks; ++look) {
    std::vector<std::size_t> places;
    std::vector<const Draft*> stale;
    for (std::size_t i = 0; i < placed.size(); ++i) {
      if (placed[i].problem != kStale) continue;
      places.push_back(i);
      stale.push_back(drafts[i]);
    }
    if (stale.empty()) return;
    try {
      auto again = insert(tx, stale);
      for (std::size_t i = 0; i < places.size(); ++i) placed[places[i]] = std::move(again[i]);
    } catch (const std::exception& error) {
      log::error("messages_in_doubt", {{"count", stale.size()}, {"reason", error.what()}});
      for (const Draft* draft : stale) in_doubt_.add(draft->id);
      return;
    }
  }
}

std::vector<MessageWriter::Result> MessageWriter::commit(pg::Tx& tx,
                                                         std::span<const Draft> drafts) {
  // A resend that caught up with its first attempt stands in the same batch and gets its answer.
  const std::vector<std::size_t> first_of = firsts_of(drafts);
  std::vector<const Draft*> firsts;
  std::vector<std::size_t> place(drafts.size());  // of each draft's first, in `firsts`
  firsts.reserve(drafts.size());
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (first_of[i] != i) {
      place[i] = place[first_of[i]];
      continue;
    }
    place[i] = firsts.size();
    firsts.push_back(&drafts[i]);
  }

  found_.clear();
  const std::vector<MessageId> ids = in_doubt_.ids();
  if (!ids.empty()) found_ = tx.run(store::list_messages(ids));
  auto placed = insert(tx, firsts);
  insert_stale(tx, firsts, placed);
  std::vector<Result> results;
  results.reserve(drafts.size());
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const Draft& first = *firsts[place[i]];
    auto& outcome = placed[place[i]];
    if (outcome.problem) {
      results.emplace_back(error_of(*outcome.problem));
    } else if (!is_same(first, drafts[i])) {
      results.emplace_back(error_of("conflict"));
    } else if (outcome.prior) {
      results.emplace_back(Sent{{}, 0, false, outcome.prior});
    } else if (&first == &drafts[i]) {
      results.emplace_back(Sent{{json_of(first, outcome)}, *outcome.seq, true, {}});
    } else {  // the first stands before it
      const auto index = static_cast<std::size_t>(&first - drafts.data());
      results.emplace_back(Sent{std::get<Sent>(results[index]).message, 0, false, {}});
    }
  }
  return results;
}

void MessageWriter::tell(std::span<const Draft> drafts, std::span<const Result> results) {
  std::vector<realtime::Publication> publications;
  publications.reserve(found_.size() + results.size());
  for (const MessageView& message : found_) {
    publications.push_back({rooms::topic_of(message.room_id), kNewMessage.name, write(message),
                            message.seq, std::nullopt});
  }
  in_doubt_.settle(found_);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Sent* const sent = std::get_if<Sent>(&results[i]);
    if (sent == nullptr || !sent->is_new) continue;
    bytes += drafts[i].message.content.value.size();
    publications.push_back({rooms::topic_of(drafts[i].message.room_id), kNewMessage.name,
                            sent->message.json, sent->seq, std::nullopt});
  }
  if (!publications.empty()) hub_.publish(std::move(publications));
  search_backlog_.add(bytes);
}

}  // namespace stoa::chat
