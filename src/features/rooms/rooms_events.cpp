// What rooms send over sockets. Clients come in with chat's join_room.
#include "features/rooms/rooms_types.hpp"

#include <stoa/rooms/rooms.hpp>

namespace stoa::rooms {

realtime::OutgoingTable rooms_sends() {
  using realtime::sends;
  return {
      sends(kUserJoined),  sends(kUserLeft),   sends(kRoomStats),       sends(kMemberUpdated),
      sends(kRoomUpdated), sends(kRoomClosed), sends(kRemovedFromRoom),
  };
}

}  // namespace stoa::rooms
