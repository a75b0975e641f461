#include "features/files/files_store.hpp"

#include <stoa/core/who_may.hpp>
#include <stoa/files/files_codes.hpp>
#include <stoa/files/keeping.hpp>

namespace stoa::files {

File keep(pg::Tx& tx, FileId id, UserId owner, const Kind& kind, const std::optional<RoomId>& room,
          const Uuid& holder) {
  File file = require_found(tx.run(store::lock_file(id)));
  if (file.owner_id != owner || file.kind != kind.name || file.room_id != room ||
      file.state == FileState::refused) {
    throw Error(Code::not_found, "You have brought no such file");
  }
  if (file.held_by == holder) return file;
  if (file.held_by) throw Error(kInUse);
  if (!file.sha256) throw Error(kNotReady);
  tx.run("update files set held_by = $2, due_at = null, updated_at = now() where id = $1", id,
         holder);
  file.held_by = holder;
  file.is_kept = true;
  file.expires_at.reset();
  return file;
}

pg::Query<pg::Count> drop_held(const Uuid& holder) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now(), updated_at = now() where held_by = $1",
      holder);
}

pg::Query<pg::Count> drop_held(const Uuid& holder, FileId file) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now(), updated_at = now()"
      " where id = $2 and held_by = $1",
      holder, file);
}

pg::Query<pg::Count> drop_others(UserId owner, const Kind& kind,
                                 const std::optional<Uuid>& holder) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now(), updated_at = now()"
      " where owner_id = $1 and kind = $2 and state <> 'dropped'"
      " and held_by is not null and held_by is distinct from $3",
      owner, std::string(kind.name), holder);
}

pg::Query<pg::Count> drop_others(RoomId room, const Kind& kind, const std::optional<Uuid>& holder) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now(), updated_at = now()"
      " where room_id = $1 and kind = $2 and state <> 'dropped'"
      " and held_by is not null and held_by is distinct from $3",
      room, std::string(kind.name), holder);
}

pg::Query<pg::Count> drop_in_room(RoomId room, const Kind& kind, int most) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now(), updated_at = now()"
      " where id in (select id from files where room_id = $1 and kind = $2"
      " and state not in ('receiving', 'dropped') limit $3 for update)",
      room, std::string(kind.name), most);
}

pg::Query<pg::Count> drop_loose(FileId file, UserId owner) {
  return store::drop_own(file, owner);
}

}  // namespace stoa::files
