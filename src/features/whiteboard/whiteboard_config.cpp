#include <stoa/core/config_check.hpp>
#include <stoa/whiteboard/whiteboard_config.hpp>

namespace stoa::whiteboard {

void check(const WhiteboardConfig& whiteboard, const Config& all) {
  using namespace config;
  check_count("whiteboard.max_boards", whiteboard.max_boards, 1'000'000);
  check_count("whiteboard.max_boards_per_user", whiteboard.max_boards_per_user, 1'000'000);
  check_count("whiteboard.max_objects", whiteboard.max_objects, 1'000'000);
  check_size("whiteboard.max_object_bytes", whiteboard.max_object_bytes, 64,
             all.realtime.max_frame_bytes);
  check_size("whiteboard.max_board_bytes", whiteboard.max_board_bytes, 0,
             all.realtime.max_queue_bytes / 2);
  check_count("whiteboard.batch", whiteboard.batch, 100'000);
  check_count("whiteboard.queue", whiteboard.queue, 10'000'000, whiteboard.batch);
  check_count("whiteboard.queue_per_user", whiteboard.queue_per_user, 10'000'000);
  check_time("whiteboard.queue_timeout", whiteboard.queue_timeout, 10ms, 10min);
  check_time("whiteboard.flush_interval", whiteboard.flush_interval, 0ms, 1s);
  check_time("whiteboard.cursor_interval", whiteboard.cursor_interval, 0ms, 1min);
}

}  // namespace stoa::whiteboard
