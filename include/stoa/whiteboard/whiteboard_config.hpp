#pragma once
// [whiteboard] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::whiteboard {

using namespace std::chrono_literals;

struct WhiteboardConfig {
  std::size_t max_boards = 1000;         // in memory: those that somebody is on
  std::size_t max_boards_per_user = 50;  // that one person is on
  std::size_t max_objects = 2000;
  ByteSize max_object_bytes{32 * config::kKiB};
  ByteSize max_board_bytes{0};        // 0: half of realtime.max_queue_bytes
  std::size_t batch = 256;            // changes committed together
  std::size_t queue = 4096;           // changes that wait for their commit
  std::size_t queue_per_user = 1024;  // of one person
  Duration queue_timeout = 5s;
  Duration flush_interval = 20ms;  // how long changes gather for one commit
  Duration cursor_interval = 50ms;
};
BOOST_DESCRIBE_STRUCT(WhiteboardConfig, (),
                      (max_boards, max_boards_per_user, max_objects, max_object_bytes,
                       max_board_bytes, batch, queue, queue_per_user, queue_timeout, flush_interval,
                       cursor_interval))

// Throws ConfigError.
void check(const WhiteboardConfig& whiteboard, const Config& all);

}  // namespace stoa::whiteboard
