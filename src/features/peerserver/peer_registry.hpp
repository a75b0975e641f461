#pragma once
// The ids of this node's peers, and what waits for ids that nobody has. Bounded: in ids, and in what waits (for
// one id, of one sender, and in all; in messages and in bytes). Pure: the clock is handed in, and what is to be
// sent is handed out.
//
// Thread-safe; one mutex, held for a few look-ups, or in due() for a pass over all ids.
#include "features/peerserver/peerserver_types.hpp"

#include <stoa/core/ids.hpp>
#include <stoa/peerserver/peerserver_config.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stoa::peerserver {

class PeerRegistry {
 public:
  using Clock = std::chrono::steady_clock;
  using SessionId = realtime::SessionId;

  // What a message costs beside its texts.
  static constexpr std::size_t kOverhead = 192;

  explicit PeerRegistry(PeerServerConfig config) : config_(std::move(config)) {}

  struct Newcomer {
    SessionId session;
    std::string id;
    std::string token;
    std::optional<UserId> owner;
  };
  enum class Verdict { open, taken, full };
  struct Claim {
    Verdict verdict = Verdict::open;
    std::optional<SessionId> replaced;  // had the id with the same token
    std::vector<Message> waiting;       // for the id, in the order of their coming
  };
  Claim claim(Newcomer who, Clock::time_point now);
  // The session's id is nobody's; false when it had none.
  bool leave(SessionId session);
  void heartbeat(SessionId session, Clock::time_point now);

  // A message of the session, whose `src` is filled in here. Answers the receiver; where there is no room, the sender, who gets an EXPIRE.
  // Empty when it waits, or is dropped: by a session without an id, or LEAVE and EXPIRE for nobody.
  std::optional<Delivery> relay(SessionId from, Message message, Clock::time_point now);

  struct Due {
    std::vector<Delivery> expired;  // one EXPIRE for each sender and absent id
    std::vector<SessionId> silent;  // have lost their id; to be closed
    bool idle = false;              // nobody is here and nothing waits
  };
  Due due(Clock::time_point now);

  std::vector<std::string> ids() const;
  bool has(const std::string& id) const;
  std::size_t size() const;
  std::size_t waiting_messages() const;
  std::size_t waiting_bytes() const;

 private:
  struct Peer {
    SessionId session;
    std::string token;
    std::optional<UserId> owner;
    Clock::time_point heard;
  };
  struct Load {
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };
  struct Queue {
    Clock::time_point since;
    std::list<std::string>::iterator place;  // in by_age_
    std::vector<Message> messages;
    Load load;
  };
  using Queues = std::unordered_map<std::string, Queue>;

  bool keep(Message message, Clock::time_point now);
  std::vector<Message> take(Queues::iterator queue);
  static bool has_room(const Load& load, std::size_t bytes, std::size_t most_messages,
                       std::size_t most_bytes);

  const PeerServerConfig config_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Peer> peers_;  // by id
  std::unordered_map<SessionId, std::string> id_of_;
  Queues queues_;                                  // by the absent id
  std::list<std::string> by_age_;                  // the queues' ids, the oldest first
  std::unordered_map<std::string, Load> load_of_;  // by the sender's id
  Load load_;                                      // in all
};

}  // namespace stoa::peerserver
