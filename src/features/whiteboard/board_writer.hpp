#pragma once
// Writes changes behind. A batch names what was touched; what is written is the state that it has in memory by then,
// so that many changes of one object are written once, and the order of the batches does not matter.
//
// commit() may be called on any shard and answers there.
#include "features/whiteboard/board_registry.hpp"

#include <stoa/postgres/batcher.hpp>
#include <stoa/whiteboard/whiteboard_config.hpp>

#include <span>
#include <vector>

namespace stoa::whiteboard {

class BoardWriter {
 public:
  BoardWriter(pg::DatabaseOptions database, const BoardRegistry& registry,
              const WhiteboardConfig& config);

  // Answers once this change, or one that took its place, is committed. Throws Error{conflict} when the board was
  // taken over or discarded, Error{overloaded | db_unavailable | shutting_down}.
  Task<> commit(Change change);

 private:
  struct Done {};
  using Result = pg::BatchResult<Done>;

  std::vector<Result> write(pg::Tx& tx, std::span<const Change> changes) const;

  const BoardRegistry& registry_;
  pg::Batcher<Change, Done> batcher_;
};

}  // namespace stoa::whiteboard
