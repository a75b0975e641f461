#include "features/whiteboard/whiteboard_store.hpp"

#include <optional>
#include <string_view>

namespace stoa::whiteboard::store {

StoredBoard take_board(pg::Tx& tx, RoomId room, BoardId reading) {
  StoredBoard board{room, reading, 0, {}};
  board.version = tx.get<std::int64_t>(
      "insert into whiteboards (room_id, held_by) values ($1, $2)"
      " on conflict (room_id) do update set held_by = excluded.held_by returning version",
      room, reading);
  // A statement of its own: its snapshot has what was committed while the one above waited for the row.
  board.objects = tx.list<ObjectRow>(
      "select object_id, version, place, body from whiteboard_objects"
      " where room_id = $1 order by place",
      room);
  return board;
}

std::vector<RoomId> write_boards(pg::Tx& tx, std::span<const BoardState> boards) {
  std::vector<RoomId> rooms, object_rooms;
  std::vector<BoardId> holders;
  std::vector<std::int64_t> versions, cleared, object_versions, places;
  std::vector<std::string_view> ids;
  std::vector<std::optional<std::string_view>> bodies;
  for (const BoardState& board : boards) {
    rooms.push_back(board.room);
    holders.push_back(board.held_by);
    versions.push_back(board.version);
    cleared.push_back(board.cleared);
    for (const ObjectState& object : board.objects) {
      object_rooms.push_back(board.room);
      ids.push_back(object.id);
      object_versions.push_back(object.version);
      places.push_back(object.place);
      bodies.push_back(object.body ? std::optional<std::string_view>(*object.body) : std::nullopt);
    }
  }
  // `locked` shows each board as it is once its row is had, whatever the statement's snapshot says: a board that
  // was taken over meanwhile is left alone. No object stands in two of the three parts that write.
  return tx.list<RoomId>(
      R"(
with locked as materialized (
  select w.room_id, w.held_by, b.holder, b.version, b.cleared
    from whiteboards w
    join unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
      as b(room_id, holder, version, cleared) on b.room_id = w.room_id
   order by w.room_id for no key update of w
), held as materialized (
  select room_id, version, cleared from locked where held_by = holder
), change as materialized (
  select c.*
    from unnest($5::uuid[], $6::text[], $7::bigint[], $8::bigint[], $9::text[])
      as c(room_id, object_id, version, place, body)
    join held h on h.room_id = c.room_id
), bumped as (
  update whiteboards w set version = greatest(w.version, h.version), updated_at = now()
    from held h where w.room_id = h.room_id
), cleared as (
  delete from whiteboard_objects o using held h
   where h.cleared > 0 and o.room_id = h.room_id and o.version <= h.cleared
     and not exists (select 1 from change c
                      where c.room_id = o.room_id and c.object_id = o.object_id)
), removed as (
  delete from whiteboard_objects o using change c
   where c.body is null and o.room_id = c.room_id and o.object_id = c.object_id
), stored as (
  insert into whiteboard_objects (room_id, object_id, version, place, body)
  select room_id, object_id, version, place, body::json from change where body is not null
  on conflict (room_id, object_id)
    do update set version = excluded.version, place = excluded.place, body = excluded.body
)
select room_id from held)",
      rooms, holders, versions, cleared, object_rooms, ids, object_versions, places, bodies);
}

}  // namespace stoa::whiteboard::store
