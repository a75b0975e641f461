#pragma once
// Which sessions were lost a moment ago, so that a client that has lost its connection may come back for its session
// (Socket.IO's connection state recovery). What it missed meanwhile is in the PublicationLog. Bounded in time and
// number; a client that comes too late begins anew and asks for messages by seq.
#include <stoa/core/config.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/realtime/node.hpp>
#include <stoa/realtime/topic.hpp>

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stoa::realtime {

struct LostSession {
  std::string sid;  // by which the client knows it
  UserId user;
  SessionId session;
  std::vector<Topic> topics;
};

// By the private id that its client was given. Thread-safe.
class LostSessions {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LostSessions(const config::SocketIo& limits) : limits_(limits) {}

  void put(std::string pid, LostSession session, Clock::time_point now);
  // Once; empty for another user, who learns nothing and takes nothing.
  std::optional<LostSession> take(const std::string& pid, UserId user, Clock::time_point now);

 private:
  void forget(Clock::time_point now);

  const config::SocketIo& limits_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::pair<LostSession, Clock::time_point>> by_pid_;
  std::deque<std::pair<Clock::time_point, std::string>> by_age_;
};

}  // namespace stoa::realtime
