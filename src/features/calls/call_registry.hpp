#pragma once
// Who is in which call: a use of the roster. Every change is told to the others as the roster's observer, so that
// each peer hears of the others in one order, and each pair agrees on who came first: the one who
// came later is the polite one.
//
// A peer has two names: an id of its own, never used twice, and its user's id, which the first of a user's
// peers in a call holds for as long as it is there. Who came in PeerNet's words knows others by the user's id
// where they hold it; everybody may address them by either. So a second device, or a connection that is back
// before its lost one was noticed, is a peer of its own and takes nothing from the first. Only who has as many seats of a call as
// one person may gives up the oldest of them with the next.
//
// In our words the newcomer offers, in PeerNet's those who are there, as soon as they hear of somebody. Of one
// of each it is always PeerNet's that offers: as a newcomer it hears of the others at once.
//
// Thread-safe.
#include "features/calls/calls_types.hpp"

#include <stoa/calls/calls_config.hpp>
#include <stoa/core/task.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/roster.hpp>

#include <cstddef>
#include <functional>
#include <string>

namespace stoa::calls {

// In whose words a peer is told of the others.
enum class Words { own, peernet };
BOOST_DESCRIBE_ENUM(Words, own, peernet)

// What a call keeps of each peer.
struct Seat {
  PeerId id;
  PeerId known_as;  // the user's id, where no other peer of the user's holds it; else `id`
  std::string name;
  PeerMedia media;
  Words words = Words::own;

  PeerId name_for(Words reader) const { return reader == Words::peernet ? known_as : id; }
};
BOOST_DESCRIBE_STRUCT(Seat, (), (id, known_as, name, media, words))

inline constexpr realtime::PlaceKind kCallPlace{"call", &realtime::kCodecOf<Seat>};

class CallRegistry final : public realtime::RosterObserver {
 public:
  // Told that somebody came into the room's call or went, on one node of all; under the roster's lock.
  using CountChanged = std::function<void(RoomId)>;

  // Serves the calls of the roster from here on.
  CallRegistry(realtime::Hub& hub, realtime::Roster& roster, const CallsConfig& limits,
               CountChanged count_changed);

  struct Newcomer {
    realtime::SessionId session;
    UserId user;
    std::string name;
    PeerMedia media;
    Words words = Words::own;
    bool only_seat = false;  // of the person in this call: Error{SEAT_TAKEN} where there is another
  };
  // A session that is in the call already keeps its names and place. Error{room_full}.
  Task<CallSeat> join(RoomId room, Newcomer who);
  // False when the session was not in the call.
  bool leave(RoomId room, realtime::SessionId session);
  void leave_all(realtime::SessionId session);
  void evict(RoomId room, UserId user);
  void dissolve(RoomId room);

  // Error{not_in_call}.
  Task<> set_media(RoomId room, realtime::SessionId session, PeerMedia media);

  struct Route {
    PeerId from;  // as the addressee knows the sender
    realtime::SessionId to;
  };
  // Error{not_in_call} for the sender, Error{peer_not_found} for the addressee.
  Route route(RoomId room, realtime::SessionId from, PeerId to) const;

  // The room of the one call that the session is in. Error{not_in_call}; Error{invalid_fields} where there are several.
  RoomId only_room(realtime::SessionId session) const;

  std::size_t people(RoomId room) const;  // in its call; each once
  std::size_t calls() const;
  std::size_t peers() const;

  // realtime::RosterObserver
  void entered(const realtime::Change& change) override;
  void changed(const realtime::Change& change) override;
  void left(const realtime::Change& change, realtime::Out why) override;

 private:
  // The others of the call who are told in these words.
  template <class Payload>
  void tell(const realtime::Change& change, Words words, const realtime::Outgoing<Payload>& event,
            const Payload& payload);

  realtime::Hub& hub_;
  realtime::Roster& roster_;
  const CallsConfig limits_;
  const CountChanged count_changed_;
};

}  // namespace stoa::calls
