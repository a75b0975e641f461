#pragma once
// [chat] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::chat {

using namespace std::chrono_literals;

struct ChatConfig {
  std::size_t batch = 512;   // messages committed together
  std::size_t queue = 8192;  // messages that wait for a batch
  ByteSize batch_bytes{256 *
                       config::kKiB};  // of their text; of one what is beyond 1 KiB counts 16 times
  ByteSize queue_bytes{16 * config::kMiB};
  Duration queue_timeout = 5s;
  ByteSize search_backlog_bytes{
      512 * config::kKiB};  // of text that is not sorted into the search index yet
  ByteSize max_content_bytes{16 * config::kKiB};
  std::size_t history_page = 50;                          // recent messages at a join
  std::size_t resume_limit = 500;                         // missed messages in one answer
  ByteSize answer_bytes{256 * config::kKiB};              // of messages in the answer to a join
  std::size_t max_reactions_per_message = 50;             // different emoji
  std::size_t max_reactions_per_user = 20;                // of one message
  ByteSize changed_bytes_per_message{64 * config::kKiB};  // of message_updated, a second
  ByteSize changed_bytes_per_user{64 * config::kKiB};     // likewise, of whoever changes
  Duration typing_throttle = 1s;
  Duration keep_closed_files = 24h * 30;  // of messages in a room that has closed
};
BOOST_DESCRIBE_STRUCT(ChatConfig, (),
                      (batch, queue, batch_bytes, queue_bytes, queue_timeout, search_backlog_bytes,
                       max_content_bytes, history_page, resume_limit, answer_bytes,
                       max_reactions_per_message, max_reactions_per_user, changed_bytes_per_message,
                       changed_bytes_per_user, typing_throttle, keep_closed_files))

// Throws ConfigError.
void check(const ChatConfig& chat, const Config& all);

}  // namespace stoa::chat
