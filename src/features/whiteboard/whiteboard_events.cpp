// What whiteboards serve over sockets. Drawing flows, so that many changes share a commit; so does the cursor, which
// would else wait for them.
#include "features/whiteboard/whiteboard_types.hpp"

#include <stoa/whiteboard/whiteboard.hpp>

namespace stoa::whiteboard {

// clang-format off
realtime::Events whiteboard_events(Whiteboard& whiteboard) {
  using realtime::on;
  constexpr auto user = Who::signed_in;
  constexpr auto read = Limit::read, none = Limit::none;
  constexpr auto serial = realtime::Order::serial, flowing = realtime::Order::flowing;
  return {
      {"whiteboard_join",   user, read,  serial,  "Come to the board of a room and read it",  on<&Whiteboard::join>(whiteboard)},
      {"whiteboard_leave",  user, none,  serial,  "Stop hearing the board",                   on<&Whiteboard::leave>(whiteboard)},
      {"whiteboard_add",    user, none,  flowing, "Draw an object, or replace it",            on<&Whiteboard::add>(whiteboard)},
      {"whiteboard_update", user, none,  flowing, "Change an object that is there",           on<&Whiteboard::update>(whiteboard)},
      {"whiteboard_remove", user, none,  flowing, "Remove an object",                         on<&Whiteboard::remove>(whiteboard)},
      {"whiteboard_clear",  user, none,  flowing, "Remove all objects",                       on<&Whiteboard::clear>(whiteboard)},
      {"whiteboard_cursor", user, none,  flowing, "Point at a place",                         on<&Whiteboard::move_cursor>(whiteboard)},
  };
}
// clang-format on

realtime::OutgoingTable whiteboard_sends() {
  using realtime::sends;
  return {
      sends(kObjectAdded),  sends(kObjectUpdated), sends(kObjectRemoved),
      sends(kBoardCleared), sends(kCursorMoved),   sends(kBoardReset),
  };
}

}  // namespace stoa::whiteboard
