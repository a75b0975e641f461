#pragma once
// Who types where, and how often that is told. A start is told at most once an interval
// (chat.typing_throttle) for each session and room; a stop is told once after a start that was. So a
// session causes at most two events an interval in each of its rooms, whatever it sends.
//
// Thread-safe. Holds an entry for each room that a session is in, so it is bounded by the sessions and
// their topics.
#include <stoa/core/config.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/realtime/hub.hpp>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace stoa::chat {

class Typists {
 public:
  explicit Typists(Duration interval) : interval_(interval) {}

  void enter(realtime::SessionId session, RoomId room, std::string name);
  void leave(realtime::SessionId session, RoomId room);
  void forget(realtime::SessionId session);

  enum class Verdict { tell, hush, not_here };
  // `name` is set when it is to be told.
  Verdict types(realtime::SessionId session, RoomId room, bool is_typing, std::string& name);

 private:
  using Clock = std::chrono::steady_clock;
  struct Place {
    std::string name;
    bool is_typing = false;
    std::optional<Clock::time_point> last_start;
  };

  const Duration interval_;
  std::mutex mutex_;
  std::unordered_map<realtime::SessionId, std::unordered_map<RoomId, Place>> sessions_;
};

}  // namespace stoa::chat
