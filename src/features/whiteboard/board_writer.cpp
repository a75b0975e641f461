#include "features/whiteboard/board_writer.hpp"

#include <stoa/whiteboard/whiteboard_config.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace stoa::whiteboard {

BoardWriter::BoardWriter(pg::DatabaseOptions database, const BoardRegistry& registry,
                         const WhiteboardConfig& config)
    : registry_(registry),
      batcher_(
          std::move(database),
          {.batch = config.batch,
           .queue = config.queue,
           .queue_timeout = config.queue_timeout,
           .gather = config.flush_interval,
           .mode = pg::Mode::autocommit},
          [this](pg::Tx& tx, std::span<const Change> changes) { return write(tx, changes); },
          [](std::span<const Change>, std::span<const Result>) {}) {}

Task<> BoardWriter::commit(Change change) {
  const pg::BatchWeight weight{change.author.uuid, 1};
  co_await batcher_.add(std::move(change), weight);
}

std::vector<BoardWriter::Result> BoardWriter::write(pg::Tx& tx,
                                                    std::span<const Change> changes) const {
  const auto boards = registry_.collect(changes);
  std::unordered_set<BoardId> written;
  if (!boards.empty()) {
    const auto rooms = store::write_boards(tx, boards);
    for (const store::BoardState& board : boards) {
      if (std::find(rooms.begin(), rooms.end(), board.room) != rooms.end()) {
        written.insert(board.held_by);
      }
    }
  }
  std::vector<Result> results;
  results.reserve(changes.size());
  for (const Change& change : changes) {
    if (written.contains(change.board)) {
      results.emplace_back(Done{});
    } else {
      results.emplace_back(Error(Code::conflict, "The whiteboard was read anew; join it again"));
    }
  }
  return results;
}

}  // namespace stoa::whiteboard
