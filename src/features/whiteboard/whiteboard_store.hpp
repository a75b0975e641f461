#pragma once
// SQL of whiteboards: plain functions over a transaction, on a database thread.
#include "features/whiteboard/board_id.hpp"

#include <stoa/core/binding.hpp>
#include <stoa/postgres/tx.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace stoa::whiteboard::store {

struct ObjectRow {
  std::string id;
  std::int64_t version = 0;
  std::int64_t place = 0;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(ObjectRow, (), (id, version, place, body))

// A board as it is kept, and the reading that holds it from now on.
struct StoredBoard {
  RoomId room;
  BoardId held_by;
  std::int64_t version = 0;
  std::vector<ObjectRow> objects;  // in the order of their places
};

// Takes the board over: whoever held it writes it no more. In a transaction of its own, so that what an earlier
// holder still had under way is either read here or never written.
StoredBoard take_board(pg::Tx& tx, RoomId room, BoardId reading);

// What is to be kept of an object now; without a body: nothing.
struct ObjectState {
  std::string id;
  std::int64_t version = 0;
  std::int64_t place = 0;
  std::shared_ptr<const std::string> body;
};
struct BoardState {
  RoomId room;
  BoardId held_by;
  std::int64_t version = 0;
  std::int64_t cleared = 0;          // all objects up to this version are gone; 0: none was cleared
  std::vector<ObjectState> objects;  // those that have changed, each once
};

// Writes all boards in one statement. Answers the rooms whose boards are still held by the reading that was
// given; nothing of the others is written.
std::vector<RoomId> write_boards(pg::Tx& tx, std::span<const BoardState> boards);

}  // namespace stoa::whiteboard::store
