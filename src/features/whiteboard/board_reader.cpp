#include "features/whiteboard/board_reader.hpp"

#include <stoa/whiteboard/whiteboard_config.hpp>

#include <algorithm>
#include <utility>

namespace stoa::whiteboard {
namespace {

// A board may be half a MiB, so few of them are in one transaction.
constexpr std::size_t kBoardsTogether = 8;

}  // namespace

BoardReader::BoardReader(pg::DatabaseOptions database, BoardRegistry& registry,
                         const WhiteboardConfig& config)
    : registry_(registry),
      batcher_(
          std::move(database),
          {.batch = kBoardsTogether, .queue = config.queue, .queue_timeout = config.queue_timeout},
          [this](pg::Tx& tx, std::span<const RoomId> rooms) { return take(tx, rooms); },
          [this](std::span<const RoomId>, std::span<const Result> results) { install(results); }) {}

Task<> BoardReader::read(RoomId room) {
  co_await batcher_.add(room);
}

std::vector<BoardReader::Result> BoardReader::take(pg::Tx& tx,
                                                   std::span<const RoomId> rooms) const {
  std::vector<Result> results(rooms.size(), Result(Stored()));
  std::vector<RoomId> wanted(rooms.begin(), rooms.end());
  // In the order in which write_boards() locks them: PostgreSQL compares uuids byte by byte.
  std::sort(wanted.begin(), wanted.end(),
            [](RoomId a, RoomId b) { return a.uuid.bytes < b.uuid.bytes; });
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  for (const RoomId room : wanted) {
    if (registry_.is_live(room)) continue;
    const auto first = std::find(rooms.begin(), rooms.end(), room) - rooms.begin();
    results[static_cast<std::size_t>(first)] =
        std::make_shared<store::StoredBoard>(store::take_board(tx, room, BoardId::make()));
  }
  return results;
}

void BoardReader::install(std::span<const Result> results) {
  for (const Result& result : results) {
    const Stored* const stored = std::get_if<Stored>(&result);
    if (stored != nullptr && *stored) registry_.install(std::move(**stored));
  }
}

}  // namespace stoa::whiteboard
