#pragma once
// Who has which id, which is a use of the roster; when each session of this node was heard last; and what waits for ids that nobody
// has. Bounded: in ids, and in what waits (for one id, of one sender's id, of one person or guests' address, and in all; in messages and in bytes). The clock is
// handed in, and what is to be sent is handed out.
//
// Thread-safe; one mutex, held for a few look-ups, or in due() for a pass over all sessions. It is taken under the roster's lock,
// and nothing asks the roster under it.
#include "features/peerserver/peerserver_types.hpp"

#include <stoa/core/ids.hpp>
#include <stoa/core/task.hpp>
#include <stoa/net/rate_key.hpp>
#include <stoa/peerserver/peerserver_config.hpp>
#include <stoa/realtime/roster.hpp>

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

// What is kept of who has an id. Tokens travel as their hashes (SHA-256, base64url).
struct IdOwner {
  std::string token_hash;
};
BOOST_DESCRIBE_STRUCT(IdOwner, (), (token_hash))

inline constexpr realtime::PlaceKind kPeerPlace{"peerjs id", &realtime::kCodecOf<IdOwner>};

class PeerRegistry final : public realtime::RosterObserver {
 public:
  using Clock = std::chrono::steady_clock;
  using SessionId = realtime::SessionId;

  // What a message costs beside its texts.
  static constexpr std::size_t kOverhead = 192;

  // Serves the ids of the roster from here on.
  PeerRegistry(realtime::Roster& roster, PeerServerConfig config);

  struct Newcomer {
    SessionId session;
    std::string id;
    std::string token;
    std::optional<UserId> owner;
  };
  enum class Verdict { open, taken, full, gone };  // gone: the session has left meanwhile
  struct Claim {
    Verdict verdict = Verdict::open;
    std::optional<SessionId> replaced;  // had the id with the same token
  };
  Task<Claim> claim(Newcomer who, Clock::time_point now);
  // What waits for the id, in the order of its coming; for who has it and is there to get it.
  std::vector<Message> take_waiting(const std::string& id);
  // The session's id is nobody's; false when it had none.
  bool leave(SessionId session);
  void heartbeat(SessionId session, Clock::time_point now);

  // A message of the session, whose `src` is filled in here. Answers the receiver; where there is no room, the sender, who gets an EXPIRE.
  // Empty when it waits, or is dropped: by a session without an id, or LEAVE and EXPIRE for nobody.
  // `sender`: the person, or the address of a guest.
  std::optional<Delivery> relay(SessionId from, const net::RateKey& sender, Message message,
                                Clock::time_point now);

  struct Due {
    std::vector<Delivery> expired;  // one EXPIRE for each sender and absent id
    std::vector<SessionId> silent;  // have lost their id; to be closed
    bool idle = false;              // no session of this node has an id, and nothing waits
    // When the next of what is there now is due.
    Clock::time_point next = Clock::time_point::max();
  };
  Due due(Clock::time_point now);

  std::vector<std::string> ids() const;
  bool has(const std::string& id) const;
  std::size_t size() const;
  bool has_sessions() const;  // of this node
  std::size_t waiting_messages() const;
  std::size_t waiting_bytes() const;

 private:
  struct Load {
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };
  struct Waiting {
    Message message;
    net::RateKey sender;
  };
  struct Queue {
    Clock::time_point since;
    std::list<std::string>::iterator place;  // in by_age_
    std::vector<Waiting> messages;
    Load load;
  };
  using Queues = std::unordered_map<std::string, Queue>;

  bool keep(const net::RateKey& sender, Message message, Clock::time_point now);
  std::vector<Message> take(Queues::iterator queue);
  std::vector<Message> take_expired(Clock::time_point now);
  static bool has_room(const Load& load, std::size_t bytes, std::size_t most_messages,
                       std::size_t most_bytes);

  realtime::Roster& roster_;
  const PeerServerConfig config_;
  mutable std::mutex mutex_;
  std::unordered_map<SessionId, Clock::time_point>
      heard_;                                      // of this node's sessions that have an id
  Queues queues_;                                  // by the absent id
  std::list<std::string> by_age_;                  // the queues' ids, the oldest first
  std::unordered_map<std::string, Load> load_of_;  // by the sender's id
  std::unordered_map<net::RateKey, Load> load_of_clients_;
  Load load_;  // in all
};

}  // namespace stoa::peerserver
