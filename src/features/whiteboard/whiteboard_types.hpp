#pragma once
// Requests, answers and events of whiteboards. Plain described values.
//
// `version` grows by one with each change of a board. `place` is the version at which an object was added: objects
// lie upon one another in that order, for everybody.
#include "features/whiteboard/drawing.hpp"

#include <stoa/core/binding.hpp>
#include <stoa/realtime/outgoing.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace stoa::whiteboard {

// ---- Requests ----

struct JoinBoard {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(JoinBoard, (), (room_id))

struct LeaveBoard {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(LeaveBoard, (), (room_id))

struct DrawObject {
  RoomId room_id;
  Drawing object;
};
BOOST_DESCRIBE_STRUCT(DrawObject, (), (room_id, object))

struct RemoveObject {
  RoomId room_id;
  ObjectId object_id;
};
BOOST_DESCRIBE_STRUCT(RemoveObject, (), (room_id, object_id))

struct ClearBoard {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(ClearBoard, (), (room_id))

struct MoveCursor {
  RoomId room_id;
  double x = 0;
  double y = 0;
};
BOOST_DESCRIBE_STRUCT(MoveCursor, (), (room_id, x, y))

// ---- Answers ----

struct BoardObject {
  std::string id;
  std::int64_t version = 0;
  std::int64_t place = 0;
  Drawing object;
};
BOOST_DESCRIBE_STRUCT(BoardObject, (), (id, version, place, object))

// The whole board, the lowest object first.
struct BoardEntry {
  RoomId room_id;
  std::int64_t version = 0;
  std::vector<BoardObject> objects;
};
BOOST_DESCRIBE_STRUCT(BoardEntry, (), (room_id, version, objects))

struct DrawnAt {
  RoomId room_id;
  std::int64_t version = 0;
  std::int64_t place = 0;
};
BOOST_DESCRIBE_STRUCT(DrawnAt, (), (room_id, version, place))

struct ChangedAt {
  RoomId room_id;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(ChangedAt, (), (room_id, version))

// ---- Events ----

struct ObjectDrawn {
  RoomId room_id;
  UserId user_id;
  std::int64_t version = 0;
  std::int64_t place = 0;
  Drawing object;
};
BOOST_DESCRIBE_STRUCT(ObjectDrawn, (), (room_id, user_id, version, place, object))

struct ObjectRemoved {
  RoomId room_id;
  UserId user_id;
  std::int64_t version = 0;
  std::string object_id;
};
BOOST_DESCRIBE_STRUCT(ObjectRemoved, (), (room_id, user_id, version, object_id))

struct BoardCleared {
  RoomId room_id;
  UserId user_id;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(BoardCleared, (), (room_id, user_id, version))

struct CursorMoved {
  RoomId room_id;
  UserId user_id;
  std::string name;
  double x = 0;
  double y = 0;
};
BOOST_DESCRIBE_STRUCT(CursorMoved, (), (room_id, user_id, name, x, y))

struct BoardReset {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(BoardReset, (), (room_id))

using realtime::Outgoing;
inline constexpr Outgoing<ObjectDrawn> kObjectAdded{"whiteboard_add", "Somebody drew an object"};
inline constexpr Outgoing<ObjectDrawn> kObjectUpdated{"whiteboard_update",
                                                      "Somebody changed an object"};
inline constexpr Outgoing<ObjectRemoved> kObjectRemoved{"whiteboard_remove",
                                                        "Somebody removed an object"};
inline constexpr Outgoing<BoardCleared> kBoardCleared{"whiteboard_clear",
                                                      "Somebody removed all objects"};
inline constexpr Outgoing<CursorMoved> kCursorMoved{"whiteboard_cursor", "Where somebody points"};
inline constexpr Outgoing<BoardReset> kBoardReset{
    "whiteboard_reset", "What you see may not be what is kept: join the whiteboard again"};

}  // namespace stoa::whiteboard
