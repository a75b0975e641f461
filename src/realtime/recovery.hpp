#pragma once
// What lets a client that has lost its connection come back for its session (Socket.IO's connection state
// recovery): which sessions were lost, and what has been published since. Bounded in time, number and bytes;
// a client that comes too late begins anew and asks for messages by seq.
#include <stoa/core/config.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/realtime/hub.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stoa::realtime {

using Batch = std::shared_ptr<const std::vector<Publication>>;

// The last publications of this process, in the order of their numbers. Under the hub's lock.
class PublicationLog {
 public:
  using Clock = std::chrono::steady_clock;

  explicit PublicationLog(const config::SocketIo& limits) : limits_(limits) {}

  // From the first session on that may come back; until then nothing is kept.
  void begin(std::uint64_t published);
  void add(const Batch& batch, Clock::time_point now);

  // What came after `number` on one of the topics. Empty: the log does not reach back that far.
  std::optional<std::vector<std::pair<Batch, std::size_t>>> since(
      std::uint64_t number, std::span<const Topic> topics) const;

 private:
  struct Entry {
    Batch batch;
    std::size_t bytes;
    Clock::time_point at;
  };

  const config::SocketIo& limits_;
  bool begun_ = false;
  std::uint64_t forgotten_ = 0;  // publications up to here are not in the log
  std::size_t bytes_ = 0;
  std::deque<Entry> entries_;
};

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
