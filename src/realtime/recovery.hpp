#pragma once
// Which sessions were lost a moment ago, so that a client that has lost its connection may come back for its session
// (Socket.IO's connection state recovery). What it missed meanwhile is in the PublicationLog. Bounded in time and
// number; a client that comes too late begins anew and asks for messages by seq.
//
// A lost session still listens at the broker, so that what other nodes publish meanwhile reaches the log: until it has been
// resumed, or is forgotten. Those whose time is over are forgotten when the next one is lost or comes back.
#include <stoa/core/config.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/realtime/broker.hpp>
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

// Topics that the broker brings to this node for as long as this lives. The broker outlives it.
class Interest {
 public:
  Interest() = default;
  Interest(Broker& broker, std::vector<Topic> topics);
  Interest(Interest&& other) noexcept;
  Interest& operator=(Interest&& other) noexcept;
  ~Interest();

 private:
  Broker* broker_ = nullptr;
  std::vector<Topic> topics_;
};

struct LostSession {
  std::string sid;  // by which the client knows it
  UserId user;
  SessionId session;
  std::vector<Topic> topics;
  Interest interest = {};  // in the topics; given by put()
};

// By the private id that its client was given. Thread-safe.
class LostSessions {
 public:
  using Clock = std::chrono::steady_clock;

  // Both must outlive it, and the broker what was taken too.
  LostSessions(const config::SocketIo& limits, Broker& broker) : limits_(limits), broker_(broker) {}

  // Before the session drops its subscriptions.
  void put(std::string pid, LostSession session, Clock::time_point now);
  // Once; who takes it has its interest until it listens for itself. Empty for another user, who learns nothing and takes nothing.
  std::optional<LostSession> take(const std::string& pid, UserId user, Clock::time_point now);

 private:
  void forget(Clock::time_point now);

  const config::SocketIo& limits_;
  Broker& broker_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::pair<LostSession, Clock::time_point>> by_pid_;
  std::deque<std::pair<Clock::time_point, std::string>> by_age_;
};

}  // namespace stoa::realtime
