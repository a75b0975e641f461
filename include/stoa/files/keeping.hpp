#pragma once
// How what keeps a file takes it and lets it go, in its own transaction.
#include <stoa/files/files.hpp>
#include <stoa/postgres/tx.hpp>

#include <optional>

namespace stoa::files {

// From now on `holder` has that person's file, of that kind and room, which is ready or being scanned. Throws Error{not_found |
// FILE_NOT_READY | FILE_IN_USE}, the second while it is not known what the file is; what keeps it already keeps it.
File keep(pg::Tx& tx, FileId file, UserId owner, const Kind& kind,
          const std::optional<RoomId>& room, const Uuid& holder);
// Those of what is gone; they are swept.
pg::Query<pg::Count> drop_held(const Uuid& holder);
// One of them.
pg::Query<pg::Count> drop_held(const Uuid& holder, FileId file);
// All kept ones of a person, or in a room, and of a kind, but what `holder` has, where there is one.
pg::Query<pg::Count> drop_others(UserId owner, const Kind& kind, const std::optional<Uuid>& holder);
pg::Query<pg::Count> drop_others(RoomId room, const Kind& kind, const std::optional<Uuid>& holder);
// So many of a kind in a room, kept or not, that are not coming just now.
pg::Query<pg::Count> drop_in_room(RoomId room, const Kind& kind, int most);
// One that nothing keeps.
pg::Query<pg::Count> drop_loose(FileId file, UserId owner);

}  // namespace stoa::files
