#pragma once
// SQL of notes, their versions and who has seen them.
#include "features/notes/notes_types.hpp"

#include <stoa/core/fair_queue.hpp>
#include <stoa/postgres/tx.hpp>

#include <cstddef>
#include <optional>
#include <tuple>
#include <vector>

namespace stoa::notes::store {

// A person's own, for the copy of everything.
pg::Query<std::vector<NoteView>> export_notes(UserId uploader,
                                              const std::optional<std::tuple<NoteId>>& before,
                                              int limit);
// Where a list goes on, and what it holds to. No more than have `bytes` of titles and descriptions, and the one that goes beyond.
pg::Query<std::vector<NoteView>> list_public(const NoteListQuery& query,
                                             std::optional<NoteId> before, std::size_t bytes,
                                             const TurnKey& whom);
// Of the rooms that he is in, without those that are public.
pg::Query<std::vector<NoteView>> list_in_rooms(UserId member, const NoteListQuery& query,
                                               std::optional<NoteId> before, std::size_t bytes,
                                               const TurnKey& whom);

// Where that person, or anybody, may see it: public, of a room that he is in, or his own.
pg::Query<std::optional<NoteView>> find_note(NoteId id, std::optional<UserId> viewer);
pg::Query<std::vector<VersionView>> list_versions(NoteId id);
pg::Query<std::optional<files::FileId>> find_version(NoteId id, int version);
// Whether one of its versions is that file.
pg::Query<bool> has_file(NoteId id, files::FileId file);

// ---- Changing ----

struct Standing {
  std::optional<UserId> uploaded_by;
  std::optional<RoomId> room_id;
  bool is_public = false;
  int version = 0;
  std::optional<rooms::RoomRole> role;  // in the room, of whoever acts
};
BOOST_DESCRIBE_STRUCT(Standing, (), (uploaded_by, room_id, is_public, version, role))
// Holds the note's row; empty where the actor may not know of it.
pg::Query<std::optional<Standing>> lock_note(NoteId id, UserId actor);
// The same, whoever may know of it.
struct Found {
  std::optional<UserId> uploaded_by;
  std::optional<RoomId> room_id;
};
BOOST_DESCRIBE_STRUCT(Found, (), (uploaded_by, room_id))
pg::Query<std::optional<Found>> lock_any_note(NoteId id);

// Throws Error{not_found} for a subject that there is not.
void insert_note(pg::Tx& tx, NoteId id, UserId author, const NewNote& note, bool is_public);
void update_note(pg::Tx& tx, const ChangeNote& change);
// Makes it the newest.
void insert_version(pg::Tx& tx, NoteId id, int version, const files::File& file);
// Those beyond the newest `kept`; answers their files.
std::vector<std::optional<files::FileId>> delete_old_versions(pg::Tx& tx, NoteId id, int kept);
pg::Query<pg::Count> delete_note(NoteId id);

// ---- Counting ----

enum class Seen { view, download };
BOOST_DESCRIBE_ENUM(Seen, view, download)
// Whether it counts: the person's first of the day.
pg::Query<pg::Count> count(NoteId id, UserId user, Seen what);
// Those of days that are over.
std::int64_t delete_old_readers(pg::Tx& tx, int most);

}  // namespace stoa::notes::store
