#pragma once
// Who is there: which users have at least one session in which room. Several devices of one user
// count once. A feature calls enter() when a session has joined and leave() when it leaves or ends,
// and tells the others when the user came first or went last.
//
// Thread-safe; owned by the composition root. The engine here knows this node only; an engine for
// several nodes keeps leases behind the same interface.
#include <stoa/core/ids.hpp>
#include <stoa/realtime/hub.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace stoa::realtime {

class Presence {
 public:
  virtual ~Presence() = default;

  // True when it is the user's first session in the room. Idempotent.
  virtual bool enter(RoomId room, UserId user, SessionId session) = 0;
  // True when it was the user's last session in the room; false too when it was not there.
  virtual bool leave(RoomId room, UserId user, SessionId session) = 0;

  struct Place {
    RoomId room;
    bool last;  // the user's last session there
  };
  // Leaves every room that the session is in.
  virtual std::vector<Place> leave_all(UserId user, SessionId session) = 0;
  // Takes all sessions of the user, or of everybody, out of the room; true when somebody was there.
  virtual bool evict(RoomId room, UserId user) = 0;
  virtual bool dissolve(RoomId room) = 0;

  virtual std::size_t count(RoomId room) const = 0;
  virtual std::vector<UserId> online(RoomId room) const = 0;
  virtual bool is_online(RoomId room, UserId user) const = 0;
  // In any room.
  virtual bool is_online(UserId user) const = 0;

  // How many rooms have somebody in them, and how many people are in some room.
  struct Totals {
    std::size_t rooms = 0;
    std::size_t people = 0;
  };
  virtual Totals totals() const = 0;
};

std::unique_ptr<Presence> make_local_presence();

}  // namespace stoa::realtime
