#include "features/notes/notes_store.hpp"

#include <stoa/postgres/listing.hpp>
#include <stoa/postgres/search_query.hpp>

#include <string_view>
#include <utility>

namespace stoa::notes::store {
namespace {

// The members of NoteView.
constexpr char kColumns[] =
    "n.id, n.title, n.description, n.subject_id, n.room_id,"
    " case when u.deleted_at is null then n.uploaded_by end,"
    " case when u.deleted_at is null then coalesce(u.full_name, '') else '' end, n.is_public, "
    "n.file_type, f.id, f.state, f.original_name,"
    " f.media_type, f.size, n.version, n.view_count, n.download_count, n.created_at, n.updated_at";
constexpr char kJoined[] =
    " left join users u on u.id = n.uploaded_by"
    " left join files f on f.id = n.file_id and f.state <> 'dropped'";

constexpr auto kFindNote =
    pg::sql("select ", kColumns, " from notes n", kJoined,
            " where n.id = $1 and (n.is_public or n.uploaded_by = $2 or exists ("
            "select from room_members m join study_rooms r on r.id = m.room_id and r.is_active"
            " where m.room_id = n.room_id and m.user_id = $2))");

// In no list stands what somebody has written who is suspended. A look-up by id for each note, which no plan makes a join of that
// reads all accounts. Of "is null" PostgreSQL expects that hardly any note passes, and would sort a room's notes to find its newest.
constexpr char kListed[] =
    " and (select s.suspended_at is null from users s where s.id = n.uploaded_by) is not false";

// Of so many, those whose texts begin within the bytes of a page; how long a text is, is known without reading it.
constexpr char kMeasured[] =
    " from (select n.*, sum(octet_length(n.title) + coalesce(octet_length(n.description), 0))"
    " over (order by n.id desc rows between unbounded preceding and 1 preceding) as before_it"
    " from (";
// Of the public ones so many are taken first, and joined then.
constexpr auto kPublic =
    pg::sql("select ", kColumns, kMeasured, "select * from notes n where n.is_public", kListed);
constexpr auto kPublicTail = pg::sql(" order by n.id desc limit $1) n) n", kJoined,
                                     " where coalesce(n.before_it, 0) < $2 order by n.id desc");
constexpr auto kOfPerson =
    pg::sql("select ", kColumns, " from notes n", kJoined, " where n.uploaded_by = $1");
// Only so many rooms have a note on a page as there are notes on it, those whose newest is newest, and the one in the n-th place no
// more than what is left beside the newest of those before it. So a page looks into each room once, and then into few. Whole rows
// are read of the page's alone.
constexpr char kOfRoom[] =
    "select n.id from notes n where n.room_id = m.room_id and not n.is_public";
constexpr auto kInRooms =
    pg::sql("select ", kColumns, kMeasured,
            "with rooms as materialized ("
            "select m.room_id, row_number() over (order by n.id desc) as place"
            " from room_members m join study_rooms r on r.id = m.room_id and r.is_active"
            " cross join lateral (",
            kOfRoom, kListed);
constexpr auto kInRoomsTail = pg::sql(
    " order by n.id desc limit 1) n where m.user_id = $1 order by n.id desc limit $2),"
    " page as materialized (select n.id from rooms m cross join lateral (",
    kOfRoom, kListed, pg::Listing::kFiltersAgain,
    " order by n.id desc limit $2 + 1 - m.place) n order by n.id desc limit $2)"
    " select n.* from page join notes n using (id)) n) n",
    kJoined, " where coalesce(n.before_it, 0) < $3 order by n.id desc");

constexpr char kFirst[] =
    "with first as (insert into note_readers as r (note_id, user_id, what, on_day)"
    " values ($1, $2, ";
constexpr char kOfTheDay[] =
    ", current_date) on conflict (note_id, user_id, what)"
    " do update set on_day = excluded.on_day where r.on_day < excluded.on_day returning 1)"
    " update notes set ";
constexpr char kIfFirst[] = " where id = $1 and exists (select from first)";
constexpr auto kCountView =
    pg::sql(kFirst, "'view'", kOfTheDay, "view_count = view_count + 1", kIfFirst);
constexpr auto kCountDownload =
    pg::sql(kFirst, "'download'", kOfTheDay, "download_count = download_count + 1", kIfFirst);

const std::vector<std::string_view>& filters() {
  static const std::vector<std::string_view> kFilters = {
      " and n.subject_id = $1",          " and n.room_id = $1",
      " and n.uploaded_by = $1",         " and n.file_type = $1",
      " and n.search @@ search_for($1)", " and n.id < $1"};
  return kFilters;
}

std::optional<std::string> words_of(const NoteListQuery& query) {
  if (!query.q) return std::nullopt;
  return pg::search_query(query.q->value);
}

// No index has two filters of public notes in their order, but a room's with one more: what one of them finds and the other does not is
// passed over.
bool is_dear(const NoteListQuery& query) {
  const int beside_room =
      (query.subject_id ? 1 : 0) + (query.uploaded_by ? 1 : 0) + (query.file_type ? 1 : 0);
  return query.q || beside_room > 1;
}

}  // namespace

pg::Query<std::vector<NoteView>> export_notes(UserId uploader,
                                              const std::optional<std::tuple<NoteId>>& before,
                                              int limit) {
  static const pg::Listing kNotes(pg::Sql(kOfPerson), {" and n.id < $1"},
                                  " order by n.id desc limit $1");
  std::optional<NoteId> last;
  if (before) last = std::get<0>(*before);
  return kNotes.query<NoteView>(uploader, last, limit);
}

pg::Query<std::vector<NoteView>> list_public(const NoteListQuery& query,
                                             std::optional<NoteId> before, std::size_t bytes,
                                             const TurnKey& whom) {
  static const pg::Listing kNotes(pg::Sql(kPublic), filters(), pg::Sql(kPublicTail));
  auto listing = kNotes.query<NoteView>(query.subject_id, query.room_id, query.uploaded_by,
                                        query.file_type, words_of(query), before, *query.limit + 1,
                                        static_cast<std::int64_t>(bytes));
  return is_dear(query) ? std::move(listing).slow(whom) : std::move(listing);
}

pg::Query<std::vector<NoteView>> list_in_rooms(UserId member, const NoteListQuery& query,
                                               std::optional<NoteId> before, std::size_t bytes,
                                               const TurnKey& whom) {
  static const pg::Listing kNotes(pg::Sql(kInRooms), filters(), pg::Sql(kInRoomsTail));
  return kNotes
      .query<NoteView>(query.subject_id, query.room_id, query.uploaded_by, query.file_type,
                       words_of(query), before, member, *query.limit + 1,
                       static_cast<std::int64_t>(bytes))
      .slow(whom);
}

pg::Query<std::optional<NoteView>> find_note(NoteId id, std::optional<UserId> viewer) {
  return pg::query<std::optional<NoteView>>(kFindNote, id, viewer);
}

pg::Query<std::vector<VersionView>> list_versions(NoteId id) {
  return pg::query<std::vector<VersionView>>(
      "select v.version, f.id, f.state, f.original_name, f.media_type, f.size, v.created_at"
      " from note_versions v left join files f on f.id = v.file_id and f.state <> 'dropped'"
      " where v.note_id = $1 order by v.version desc",
      id);
}

pg::Query<std::optional<files::FileId>> find_version(NoteId id, int version) {
  return pg::query<std::optional<files::FileId>>(
      "select file_id from note_versions where note_id = $1 and version = $2"
      " and file_id is not null",
      id, version);
}

pg::Query<bool> has_file(NoteId id, files::FileId file) {
  return pg::query<bool>(
      "select exists (select from note_versions where note_id = $1 and file_id = $2)", id, file);
}

pg::Query<std::optional<Standing>> lock_note(NoteId id, UserId actor) {
  return pg::query<std::optional<Standing>>(
      "select n.uploaded_by, n.room_id, n.is_public, n.version,"
      " (select m.role from room_members m join study_rooms r on r.id = m.room_id and r.is_active"
      " where m.room_id = n.room_id and m.user_id = $2)"
      " from notes n where n.id = $1 and (n.is_public or n.uploaded_by = $2 or exists ("
      "select from room_members m join study_rooms r on r.id = m.room_id and r.is_active"
      " where m.room_id = n.room_id and m.user_id = $2)) for no key update of n",
      id, actor);
}

pg::Query<std::optional<Found>> lock_any_note(NoteId id) {
  return pg::query<std::optional<Found>>(
      "select uploaded_by, room_id from notes where id = $1 for no key update", id);
}

void insert_note(pg::Tx& tx, NoteId id, UserId author, const NewNote& note, bool is_public) {
  try {
    tx.run(
        "insert into notes (id, title, description, uploaded_by, subject_id, room_id, is_public,"
        " file_type) values ($1, $2, $3, $4, $5, $6, $7, 'other')",
        id, note.title, note.description, author, note.subject_id, note.room_id, is_public);
  } catch (const pg::ForeignKeyViolation&) {
    throw Error(Code::not_found, "There is no such subject");
  }
}

void update_note(pg::Tx& tx, const ChangeNote& change) {
  try {
    tx.run(
        "update notes set title = coalesce($2, title),"
        " description = case when $3 then $4 else description end,"
        " subject_id = case when $5 then $6 else subject_id end,"
        " is_public = coalesce($7, is_public), updated_at = now() where id = $1",
        change.id, change.title, change.description.present, change.description,
        change.subject_id.present, change.subject_id, change.is_public);
  } catch (const pg::ForeignKeyViolation&) {
    throw Error(Code::not_found, "There is no such subject");
  }
}

void insert_version(pg::Tx& tx, NoteId id, int version, const files::File& file) {
  tx.run("insert into note_versions (note_id, version, file_id) values ($1, $2, $3)", id, version,
         file.id);
  tx.run(
      "update notes set version = $2, file_id = $3, file_type = $4, updated_at = now()"
      " where id = $1",
      id, version, file.id, file_type_of(file.media_type));
}

std::vector<std::optional<files::FileId>> delete_old_versions(pg::Tx& tx, NoteId id, int kept) {
  return tx.list<std::optional<files::FileId>>(
      "delete from note_versions where note_id = $1 and version <= ("
      "select version from note_versions where note_id = $1"
      " order by version desc offset $2 limit 1) returning file_id",
      id, kept);
}

pg::Query<pg::Count> delete_note(NoteId id) {
  return pg::query<pg::Count>("delete from notes where id = $1", id);
}

pg::Query<pg::Count> count(NoteId id, UserId user, Seen what) {
  return (what == Seen::view ? pg::query<pg::Count>(kCountView, id, user)
                             : pg::query<pg::Count>(kCountDownload, id, user))
      .locking();
}

std::int64_t delete_old_readers(pg::Tx& tx, int most) {
  return tx.run(
      "delete from note_readers where ctid in (select ctid from note_readers"
      " where on_day < current_date limit $1)",
      most);
}

}  // namespace stoa::notes::store
