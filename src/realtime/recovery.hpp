#pragma once
// Which sessions were lost a moment ago, so that a client that has lost its connection may come back for its session
// (Socket.IO's connection state recovery). What it missed meanwhile is in the PublicationLog. Bounded in time and
// number, in all and for each user; a client that comes too late, or back too often, begins anew and asks for messages by
// seq.
//
// A lost session still listens at the broker, so that what other nodes publish meanwhile reaches the log: until it has been
// resumed, or is forgotten. Those whose time is over are forgotten when the next one is lost or comes back.
#include <stoa/core/config.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/realtime/broker.hpp>
#include <stoa/realtime/node.hpp>
#include <stoa/realtime/topic.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
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

// How often a session may come back: it costs everybody in its rooms something. So often at once, and once a second
// more.
struct Returns {
  static constexpr double kAtOnce = 10;
  double left = kAtOnce;
  std::optional<std::chrono::steady_clock::time_point> counted_at = {};
};

struct LostSession {
  std::string sid;  // by which the client knows it
  UserId user;
  SessionId session;
  std::vector<Topic> topics;
  // What was published up to that number on each of them, in their order, was not for this session.
  std::vector<std::uint64_t> heard_after;
  Returns returns = {};
  Interest interest = {};  // in the topics; given by put()
};

// By the private id that its client was given. Thread-safe.
class LostSessions {
 public:
  using Clock = std::chrono::steady_clock;

  // Both must outlive it, and the broker what was taken too. `most_per_user`: then the oldest of that user gives way.
  LostSessions(const config::SocketIo& limits, std::size_t most_per_user, Broker& broker)
      : limits_(limits), most_per_user_(most_per_user), broker_(broker) {}

  // Before the session drops its subscriptions.
  void put(std::string pid, LostSession session, Clock::time_point now);
  // Once; who takes it has its interest until it listens for itself. Empty for another user, who learns nothing and takes nothing.
  std::optional<LostSession> take(const std::string& pid, UserId user, Clock::time_point now);

  // Who was put out of something does not come back into it, even as a member again: what was said meanwhile was not for them.
  void evict(const Topic& topic, UserId user);

 private:
  struct Kept {
    std::string pid;
    LostSession session;
    Clock::time_point since;
  };
  using ByAge = std::list<Kept>;

  void forget(Clock::time_point now);
  void make_room(UserId user);
  void drop(ByAge::iterator kept);

  const config::SocketIo& limits_;
  const std::size_t most_per_user_;
  Broker& broker_;
  std::mutex mutex_;
  ByAge by_age_;  // the oldest first
  std::unordered_map<std::string, ByAge::iterator> by_pid_;
  std::unordered_map<UserId, std::size_t> by_user_;
};

}  // namespace stoa::realtime
