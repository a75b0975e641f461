#include "features/files/files_store.hpp"

#include <stoa/postgres/listing.hpp>

namespace stoa::files::store {
namespace {

// The members of FileView. What is dropped is not there for anybody.
constexpr char kView[] =
    "f.id, f.kind, f.room_id, f.state, f.original_name, f.media_type, f.size, f.sha256,"
    " f.width, f.height, f.sizes, f.held_by is not null, case when f.held_by is null then f.due_at "
    "end, f.created_at";
constexpr char kFile[] =
    ", f.owner_id, f.held_by, f.sizes_type from files f where f.state <> 'dropped' and ";

constexpr auto kFindFile = pg::sql("select ", kView, kFile, "f.id = $1");
constexpr char kMaySignIn[] =
    " and exists (select from users where id = $2 and suspended_at is null and deleted_at is null)";
constexpr auto kFindFileFor = pg::sql("select ", kView, kFile, "f.id = $1", kMaySignIn);
constexpr auto kClaim = pg::sql(
    "update files set open_until = null, due_at = $3, updated_at = now()"
    " where id = $1 and owner_id = $2 and state = 'receiving' and open_until > now()",
    kMaySignIn, " returning kind, room_id, original_name, size");
constexpr auto kLockFile = pg::sql("select ", kView, kFile, "f.id = $1 for no key update");
constexpr auto kListFiles = pg::sql("select ", kView, kFile, "f.id = any($1::uuid[])");
constexpr auto kSettle = pg::sql(
    "update files f set state = $2, media_type = $3, size = $4, sha256 = $5, due_at = $6,"
    " updated_at = now() where f.id = $1 and f.state = 'receiving' returning ",
    kView);
constexpr auto kInsert = pg::sql(
    "insert into files as f (id, owner_id, room_id, kind, state, original_name, size, due_at,"
    " open_until, by_link) values ($1, $2, $3, $4, 'receiving', $5, $6, $7, $8::timestamptz, "
    "$8::timestamptz is not null)"
    " returning ",
    kView);
constexpr auto kBeginExamination = pg::sql(
    "update files f set state = 'scanning', due_at = $2, updated_at = now()"
    " where f.id = $1 and f.state = 'receiving' and f.by_link returning ",
    kView);
// What comes for somebody who is gone, or suspended, is nobody's.
constexpr char kMayHave[] =
    "exists (select from users u where u.id = f.owner_id and u.suspended_at is null and "
    "u.deleted_at is null)";
constexpr auto kDecide = pg::sql(
    "update files f set state = $2, media_type = $3, size = $4, sha256 = $5,"
    " due_at = case when f.held_by is null or $2 = 'refused' then $6::timestamptz end,"
    " updated_at = now() where f.id = $1 and f.state = 'scanning' and (f.held_by is not null or ",
    kMayHave, ") returning ", kView, ", f.owner_id, f.held_by, f.sizes_type");
// A job that was postponed for its owner's turn has no attempts; of the first one it is not known yet what it has come to. Whoever
// has locked one takes it, or wakes others himself.
// Files come in their order, and each asks for its job by that one's key, so that no more jobs are read or locked than the first.
constexpr char kWaiting[] =
    "select j.id from (select id from files where state = 'scanning'"
    " and owner_id = (select owner_id from files where id = $1) and ";
constexpr char kFirst[] =
    " order by id) f cross join lateral (select id from jobs where kind = $2 and key = f.id::text"
    " and parked_at is null and attempts = case when worker is null then 0 else 1 end"
    " for update skip locked) j limit 1";
constexpr auto kWakeNext = pg::sql(
    "update jobs set due_at = case when worker is null then now() else due_at end,"
    " again_at = case when worker is not null then now() end where id = coalesce((",
    kWaiting, "id > $1", kFirst, "), (", kWaiting, "id < $1", kFirst, "))");
constexpr auto kListOwn =
    pg::sql("select ", kView, " from files f where f.owner_id = $1 and f.state <> 'dropped'");

constexpr auto kFindReady = pg::sql("select ", kView,
                                    " from files f where f.owner_id = $1 and f.id = $2"
                                    " and f.state = 'ready'");
constexpr auto kNextReady =
    pg::sql("select ", kView,
            " from files f where f.owner_id = $1 and f.state = 'ready'"
            " and f.id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
            " order by f.id desc limit 1");

}  // namespace

bool reserve(pg::Tx& tx, const Uuid& holder, std::uint64_t bytes, const Quota& quota) {
  if (bytes > quota.bytes || quota.files == 0) return false;
  return tx.run(
             "insert into file_usage as u (holder, bytes, files) values ($1, $2, 1)"
             " on conflict (holder) do update set bytes = u.bytes + $2, files = u.files + 1"
             " where u.bytes + $2 <= $3 and u.files < $4",
             holder, bytes, quota.bytes, quota.files) > 0;
}

bool reserve_more(pg::Tx& tx, const Uuid& holder, std::uint64_t bytes, const Quota& quota) {
  return tx.run("update file_usage set bytes = bytes + $2 where holder = $1 and bytes + $2 <= $3",
                holder, bytes, quota.bytes) > 0;
}

void release(pg::Tx& tx, const std::optional<UserId>& owner, const std::optional<RoomId>& room,
             std::int64_t bytes, int files) {
  const auto give_back = [&](const Uuid& holder) {
    tx.run("update file_usage set bytes = bytes - $2, files = files - $3 where holder = $1", holder,
           bytes, files);
  };
  if (owner) give_back(owner->uuid);
  if (room) give_back(room->uuid);
}

pg::Query<std::optional<Taken>> find_usage(const Uuid& holder) {
  return pg::query<std::optional<Taken>>("select bytes, files from file_usage where holder = $1",
                                         holder);
}

pg::Query<FileView> insert_file(const NewFile& file, Timestamp due) {
  return pg::query<FileView>(kInsert, file.id, file.owner, file.room, file.kind, file.name,
                             file.reserved, due, file.open_until);
}

pg::Query<std::int64_t> count_open(UserId owner) {
  return pg::query<std::int64_t>(
      "select count(*) from files where owner_id = $1 and state = 'receiving' and by_link", owner);
}

pg::Query<Taken> find_loose(UserId owner, RoomId room) {
  return pg::query<Taken>(
      "select coalesce(sum(size + sizes_bytes), 0)::bigint, count(*) from files"
      " where owner_id = $1 and room_id = $2 and held_by is null and state <> 'dropped'",
      owner, room);
}

pg::Query<std::optional<Claimed>> claim(FileId id, UserId owner, Timestamp due) {
  return pg::query<std::optional<Claimed>>(kClaim, id, owner, due);
}

pg::Query<std::optional<FileView>> begin_examination(FileId id, Timestamp due) {
  return pg::query<std::optional<FileView>>(kBeginExamination, id, due);
}

pg::Query<pg::Count> set_picture(FileId id, const MadePicture& made) {
  return pg::query<pg::Count>(
      "update files set width = $2, height = $3, sizes = $4::integer[], sizes_type = $5,"
      " sizes_bytes = $6 where id = $1 and state in ('receiving', 'scanning')",
      id, made.width, made.height, made.sizes, made.sizes_type, made.sizes_bytes);
}

pg::Query<std::optional<File>> decide(FileId id, const Settled& settled, Timestamp due) {
  return pg::query<std::optional<File>>(kDecide, id, settled.state, settled.media_type,
                                        settled.size, settled.sha256, due);
}

pg::Query<pg::Count> drop_undecided(FileId id) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now(), updated_at = now()"
      " where id = $1 and state = 'scanning'",
      id);
}

pg::Query<std::optional<FileView>> settle(FileId id, const Settled& settled, Timestamp due) {
  return pg::query<std::optional<FileView>>(kSettle, id, settled.state, settled.media_type,
                                            settled.size, settled.sha256, due);
}

pg::Query<pg::Count> wake_next(FileId after, std::string_view job) {
  return pg::query<pg::Count>(kWakeNext, after, job).locking();
}

pg::Query<std::optional<File>> find_file(FileId id) {
  return pg::query<std::optional<File>>(kFindFile, id);
}

pg::Query<std::optional<File>> find_file_for(FileId id, UserId reader) {
  return pg::query<std::optional<File>>(kFindFileFor, id, reader);
}

pg::Query<std::optional<File>> lock_file(FileId id) {
  return pg::query<std::optional<File>>(kLockFile, id);
}

pg::Query<std::vector<File>> list_files(const std::vector<FileId>& ids) {
  return pg::query<std::vector<File>>(kListFiles, ids);
}

pg::Query<std::vector<FileView>> list_own(UserId owner, const FileListQuery& query,
                                          std::optional<FileId> before) {
  static const pg::Listing kOwn(pg::Sql(kListOwn), {" and f.kind = $1", " and f.id < $1"},
                                " order by f.id desc limit $1");
  return kOwn.query<FileView>(owner, query.kind, before, *query.limit + 1);
}

pg::Query<std::optional<FileId>> find_emblem(const Uuid& emblem, std::string_view kind,
                                             std::string_view name) {
  return pg::query<std::optional<FileId>>(
      "select id from files where held_by = $1 and kind = $2 and original_name = $3"
      " and state <> 'dropped'",
      emblem, std::string(kind), std::string(name));
}

pg::Query<pg::Count> drop_loose_of(UserId owner) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped',"
      " due_at = case when state = 'receiving' then due_at else now() end, updated_at = now()"
      " where owner_id = $1 and held_by is null and state <> 'dropped'",
      owner);
}

pg::Query<std::optional<FileView>> find_ready(UserId owner, FileId file) {
  return pg::query<std::optional<FileView>>(kFindReady, owner, file);
}

pg::Query<std::optional<FileView>> next_ready(UserId owner, std::optional<FileId> before) {
  return pg::query<std::optional<FileView>>(kNextReady, owner, before);
}

pg::Query<std::vector<FileView>> export_files(UserId owner,
                                              const std::optional<std::tuple<FileId>>& before,
                                              int limit) {
  static const pg::Listing kExport(pg::Sql(kListOwn), {" and f.id < $1"},
                                   " order by f.id desc limit $1");
  std::optional<FileId> last;
  if (before) last = std::get<0>(*before);
  return kExport.query<FileView>(owner, last, limit);
}

pg::Query<pg::Count> drop_own(FileId id, UserId owner) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now(), updated_at = now()"
      " where id = $1 and owner_id = $2 and held_by is null and state not in ('receiving', "
      "'dropped')",
      id, owner);
}

// A file whose removal fails, or is lost, is due again.
pg::Query<std::vector<Swept>> sweep(int most) {
  return pg::query<std::vector<Swept>>(
      "update files set state = 'dropped', due_at = now() + interval '1 hour', updated_at = now()"
      " where id in (select id from files where due_at < now() order by due_at limit $1"
      " for update skip locked) returning id, by_link, sha256 is null or sizes <> '{}'",
      most);
}

pg::Query<std::vector<FileId>> sweep_staged(int most) {
  return pg::query<std::vector<FileId>>(
      "update files set open_until = null where id in (select id from files"
      " where open_until < now() - interval '1 minute'"
      " and state not in ('receiving', 'scanning') limit $1"
      " for update skip locked) returning id",
      most);
}

// The minute is for clocks that differ.
pg::Query<std::optional<Gone>> delete_dropped(FileId id) {
  return pg::query<std::optional<Gone>>(
      "delete from files where id = $1 and state = 'dropped'"
      " and (open_until is null or open_until < now() - interval '1 minute')"
      " returning owner_id, room_id, size + sizes_bytes",
      id);
}

pg::Query<pg::Count> drop_receiving(FileId id) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now() + interval '1 hour', updated_at = now()"
      " where id = $1 and state = 'receiving'",
      id);
}

pg::Query<std::vector<Promised>> next_promised(std::optional<FileId> after, int most) {
  return pg::query<std::vector<Promised>>(
             "select id, kind, size, owner_id, sizes, sizes_bytes from files where state = 'ready'"
             " and id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')"
             " order by id limit $2",
             after, most)
      .slow();
}

pg::Query<pg::Count> drop_promised(FileId id) {
  return pg::query<pg::Count>(
      "update files set state = 'dropped', due_at = now(), updated_at = now()"
      " where id = $1 and state = 'ready'",
      id);
}

pg::Query<std::optional<Gone>> drop_sizes(FileId id) {
  return pg::query<std::optional<Gone>>(
      "with old as (select id, sizes_bytes from files where id = $1 and state = 'ready'"
      " and sizes <> '{}' for no key update)"
      " update files f set sizes = '{}', sizes_type = null, sizes_bytes = 0, updated_at = now()"
      " from old where f.id = old.id returning f.owner_id, f.room_id, old.sizes_bytes",
      id);
}

pg::Query<std::vector<Known>> known_of(const std::vector<FileId>& ids) {
  return pg::query<std::vector<Known>>(
      "select id, state = 'ready', sizes from files where id = any($1::uuid[])", ids);
}

}  // namespace stoa::files::store
