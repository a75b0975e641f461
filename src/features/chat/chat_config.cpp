#include <stoa/chat/chat_config.hpp>
#include <stoa/core/config_check.hpp>

namespace stoa::chat {

void check(const ChatConfig& chat, const Config& all) {
  using namespace config;
  check_count("chat.batch", chat.batch, 100'000);
  check_count("chat.queue", chat.queue, 10'000'000, chat.batch);
  check_size("chat.batch_bytes", chat.batch_bytes, kKiB, 64 * kMiB);
  check_size("chat.queue_bytes", chat.queue_bytes, chat.batch_bytes, 16 * 1024 * kMiB);
  check_time("chat.queue_timeout", chat.queue_timeout, 10ms, 10min);
  check_size("chat.search_backlog_bytes", chat.search_backlog_bytes, kKiB, 64 * kMiB);
  check_size("chat.max_content_bytes", chat.max_content_bytes, 64, all.realtime.max_frame_bytes);
  check_count("chat.history_page", chat.history_page, 100);
  check_count("chat.resume_limit", chat.resume_limit, 10'000);
  check_size("chat.answer_bytes", chat.answer_bytes, kKiB, all.realtime.max_queue_bytes / 2);
  check_count("chat.max_reactions_per_message", chat.max_reactions_per_message, 1000);
  check_count("chat.max_reactions_per_user", chat.max_reactions_per_user, 1000);
  check_size("chat.changed_bytes_per_message", chat.changed_bytes_per_message, kKiB, 1024 * kMiB);
  check_size("chat.changed_bytes_per_user", chat.changed_bytes_per_user, kKiB, 1024 * kMiB);
  check_time("chat.typing_throttle", chat.typing_throttle, 0ms, 1min);
  check_time("chat.keep_closed_files", chat.keep_closed_files, 0ms, 24h * 3650);
}

}  // namespace stoa::chat
