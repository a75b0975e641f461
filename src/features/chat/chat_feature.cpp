// What chat is to the server.
#include "features/chat/chat_store.hpp"

#include <stoa/chat/chat.hpp>
#include <stoa/chat/chat_config.hpp>
#include <stoa/chat/feature.hpp>
#include <stoa/rooms/membership.hpp>

namespace stoa::chat {

namespace {

void bind(Metrics& metrics, const Chat& chat) {
  metrics.observe("stoa_chat_queue", "Messages that wait for their commit",
                  [&chat] { return static_cast<double>(chat.batches().queued); });
  const auto count = [&](const char* name, const char* help, auto member) {
    metrics.observe_total(name, help,
                          [&chat, member] { return static_cast<double>(chat.batches().*member); });
  };
  using Stats = pg::BatcherStats;
  count("stoa_chat_messages_total", "Messages committed", &Stats::committed);
  count("stoa_chat_commits_total", "Commits of them; messages over commits shows the gathering",
        &Stats::commits);
  count("stoa_chat_failed_total", "Messages that could not be committed", &Stats::failed);
  metrics.observe_total("stoa_chat_search_sorted_total",
                        "How often new messages were sorted into the search index",
                        [&chat] { return static_cast<double>(chat.searches_sorted()); });
  count("stoa_chat_refused_total", "Messages refused because the queue was full", &Stats::refused);
}

// A text may have 64 KiB.
constexpr int kMessagesAtOnce = 50;

std::tuple<Uuid> by_name(const store::OwnMessage& message) {
  return *message.client_message_id;
}

}  // namespace

Feature feature() {
  return {
      .name = "chat",
      .sections = {config::section<ChatConfig, &check>("chat")},
      .make =
          [](const Platform& on) {
            auto chat = std::make_shared<Chat>(
                on.db, on.runtime, on.hub, on.services.need<rooms::Membership>(),
                on.services.need<files::Files>(), on.config.section<ChatConfig>(),
                on.config.server.public_url);
            on.services.need<files::Files>().serve(kMessageFile, *chat);
            Module module;
            module.routes = chat_routes(*chat);
            module.events = chat_events(*chat);
            module.sends = chat_sends();
            module.exports = {
                people::lines<store::OwnMessage, &store::export_messages, &by_name>(
                    on.db, "messages.jsonl", kMessagesAtOnce),
                people::lines<store::OwnMessage, &store::export_unnamed_messages,
                              &store::OwnMessage::id>(on.db, "messages_without_key.jsonl",
                                                      kMessagesAtOnce),
                people::lines<store::OwnReaction, &store::export_reactions,
                              &store::OwnReaction::message_id>(on.db, "reactions.jsonl")};
            module.chores = {
                {"files_of_closed_rooms",
                 [after = on.config.section<ChatConfig>().keep_closed_files](pg::Tx& tx, int most) {
                   return store::drop_closed_files(tx, after, most);
                 }}};
            module.observer = chat.get();
            module.metrics = [chat = chat.get()](Metrics& metrics) { bind(metrics, *chat); };
            module.stop = [chat = chat.get()] { chat->stop(); };
            module.keep = std::move(chat);
            return module;
          },
  };
}

}  // namespace stoa::chat
