#pragma once
// Reads boards into memory, one reading of a board at a time: those who come to it meanwhile share what it reads.
// Reading takes the board over from whoever held it.
//
// read() may be called on any shard and answers there.
#include "features/whiteboard/board_registry.hpp"

#include <stoa/postgres/batcher.hpp>
#include <stoa/whiteboard/whiteboard_config.hpp>

#include <memory>
#include <span>
#include <vector>

namespace stoa::whiteboard {

class BoardReader {
 public:
  BoardReader(pg::DatabaseOptions database, BoardRegistry& registry,
              const WhiteboardConfig& config);

  // The board is live when it answers, unless everybody has left it or its first change failed already.
  // Throws Error{overloaded | db_unavailable | shutting_down}.
  Task<> read(RoomId room);

 private:
  // Empty for a board that was live by then, or that stands in the batch twice.
  using Stored = std::shared_ptr<store::StoredBoard>;
  using Result = pg::BatchResult<Stored>;

  std::vector<Result> take(pg::Tx& tx, std::span<const RoomId> rooms) const;
  void install(std::span<const Result> results);

  BoardRegistry& registry_;
  pg::Batcher<RoomId, Stored> batcher_;
};

}  // namespace stoa::whiteboard
