#pragma once
// Who is in which call of this node. Every change is told to the others while the lock is held, so that
// each peer hears of the others in one order, and each pair agrees on who came first: the one who
// came later is the polite one.
//
// A peer has two names: an id of its own, never used twice, and its user's id, which the first of a user's
// peers in a call holds for as long as it is there. Who came in PeerNet's words knows others by the user's id
// where they hold it; everybody may address them by either. So a second device, or a connection that is back
// before its lost one was noticed, is a peer of its own and takes nothing from the first.
//
// In our words the newcomer offers, in PeerNet's those who are there, as soon as they hear of somebody. Of one
// of each it is always PeerNet's that offers: as a newcomer it hears of the others at once.
//
// Thread-safe; one mutex, held for a few look-ups and at most max_peers sends, which only enqueue.
#include "features/calls/calls_types.hpp"

#include <stoa/realtime/hub.hpp>

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace stoa::calls {

class CallRegistry {
 public:
  CallRegistry(realtime::Hub& hub, std::size_t max_peers) : hub_(hub), max_peers_(max_peers) {}

  // In whose words a peer is told of the others.
  enum class Words { own, peernet };

  struct Newcomer {
    realtime::SessionId session;
    UserId user;
    std::string name;
    PeerMedia media;
    Words words = Words::own;
  };
  // A session that is in the call already keeps its names and place. Error{room_full}.
  CallSeat join(RoomId room, Newcomer who);
  // False when the session was not in the call.
  bool leave(RoomId room, realtime::SessionId session);
  void leave_all(realtime::SessionId session);
  void evict(RoomId room, UserId user);
  void dissolve(RoomId room);

  // Error{not_in_call}.
  void set_media(RoomId room, realtime::SessionId session, PeerMedia media);

  struct Route {
    PeerId from;  // as the addressee knows the sender
    realtime::SessionId to;
  };
  // Error{not_in_call} for the sender, Error{peer_not_found} for the addressee.
  Route route(RoomId room, realtime::SessionId from, PeerId to) const;

  std::size_t calls() const;
  std::size_t peers() const;

 private:
  struct Peer {
    PeerId id;
    PeerId known_as;  // the user's id, where no other peer of the user's holds it; else `id`
    realtime::SessionId session;
    UserId user;
    std::string name;
    PeerMedia media;
    Words words = Words::own;

    PeerId name_for(const Peer& reader) const {
      return reader.words == Words::peernet ? known_as : id;
    }
  };
  using Call = std::vector<Peer>;  // in the order of joining

  static PeerId free_name(const Call& call, UserId user, PeerId otherwise);
  static PeerView view(const Peer& peer, const Peer& reader, bool polite);
  // The others of the call who are told in these words.
  template <class Payload>
  void tell(const Call& call, Words words, const realtime::Outgoing<Payload>& event,
            const Payload& payload, realtime::SessionId except);
  void told_media(RoomId room, const Call& call, const Peer& peer);
  // Takes out whom `goes` picks and tells the others; drops a call that is empty.
  template <class Goes>
  bool take_out(RoomId room, Goes goes);

  realtime::Hub& hub_;
  const std::size_t max_peers_;
  mutable std::mutex mutex_;
  std::unordered_map<RoomId, Call> calls_;
  std::unordered_map<realtime::SessionId, std::vector<RoomId>> rooms_of_;
};

}  // namespace stoa::calls
