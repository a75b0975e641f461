#include "features/rooms/rooms_store.hpp"

#include <stoa/postgres/listing.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::rooms::store {
namespace {

constexpr auto kFindRoom =
    pg::sql("select ", kRoomColumns, " from study_rooms r where r.id = $1 and r.is_active");
// "no key": an insert that refers to the room does not wait for us.
constexpr auto kLockRoom =
    pg::sql("select ", kRoomColumns,
            " from study_rooms r where r.id = $1 and r.is_active for no key update");
constexpr auto kUpdateRoom = pg::sql(
    "update study_rooms r set name = $2, description = $3, subject_id = $4, room_type = $5,"
    " max_participants = $6, logo_url = $7, updated_at = now() where r.id = $1 returning ",
    kRoomColumns);

constexpr auto kRoomsOf =
    pg::sql("select ", kRoomColumns,
            " from room_members m join study_rooms r on r.id = m.room_id where m.user_id = $1::uuid"
            " and r.is_active");
constexpr auto kPublicRooms = pg::sql(
    "select ", kRoomColumns, " from study_rooms r where r.room_type = 'public' and r.is_active");

// Of a list of rooms; what it may have beside them comes in front.
std::vector<std::string_view> with_filters(std::vector<std::string_view> filters = {}) {
  filters.insert(
      filters.end(),
      {" and r.subject_id = $1",
       " and (r.name ilike $1 or left($1, 1) <> '%' and r.name ilike '% ' || $1)",
       " and to_tsvector('simple', searchable(r.name)) @@ search_for($1) and r.name ilike $2",
       " and r.id < $1"});
  return filters;
}
constexpr char kNewestFirst[] = " order by r.id desc limit $1";

pg::NamePart part_of(const RoomListQuery& query) {
  return pg::NamePart(query.q ? std::optional(query.q->value) : std::nullopt);
}

}  // namespace

pg::Query<std::vector<RoomView>> list_public(const RoomListQuery& query,
                                             std::optional<RoomId> before, const TurnKey& whom) {
  static const pg::Listing kRooms(pg::Sql(kPublicRooms), with_filters(), kNewestFirst);
  const pg::NamePart part = part_of(query);
  auto listing =
      kRooms.query<RoomView>(query.subject_id, part.like, part.runs, before, *query.limit + 1);
  return query.q ? std::move(listing).slow(whom) : std::move(listing);
}

pg::Query<std::vector<RoomView>> list_of(UserId member, const RoomListQuery& query,
                                         std::optional<RoomId> before, const TurnKey& whom) {
  static const pg::Listing kRooms(pg::Sql(kRoomsOf), with_filters({" and r.room_type = $1"}),
                                  kNewestFirst);
  const pg::NamePart part = part_of(query);
  auto listing = kRooms.query<RoomView>(member, query.type, query.subject_id, part.like, part.runs,
                                        before, *query.limit + 1);
  return query.q ? std::move(listing).slow(whom) : std::move(listing);
}

pg::Query<std::optional<RoomView>> find_room(RoomId id) {
  return pg::query<std::optional<RoomView>>(kFindRoom, id);
}

pg::Query<std::optional<Standing>> find_standing(RoomId id, UserId user) {
  return pg::query<std::optional<Standing>>(
      "select r.room_type, m.role, u.full_name, m.muted_until from study_rooms r"
      " left join room_members m on m.room_id = r.id and m.user_id = $2"
      " left join users u on u.id = m.user_id where r.id = $1 and r.is_active",
      id, user);
}

pg::Query<std::vector<FoundStanding>> find_standings(const std::vector<MemberKey>& keys) {
  std::vector<RoomId> rooms;
  std::vector<UserId> users;
  rooms.reserve(keys.size());
  users.reserve(keys.size());
  for (const MemberKey& key : keys) {
    rooms.push_back(key.room);
    users.push_back(key.user);
  }
  return pg::query<std::vector<FoundStanding>>(
      "select k.place, r.room_type, m.role, u.full_name, m.muted_until, u.username,"
      " u.profile_picture_url, m.joined_at"
      " from unnest($1::uuid[], $2::uuid[]) with ordinality k (room_id, user_id, place)"
      " join study_rooms r on r.id = k.room_id and r.is_active"
      " left join room_members m on m.room_id = k.room_id and m.user_id = k.user_id"
      " left join users u on u.id = m.user_id",
      rooms, users);
}

pg::Query<std::vector<FoundCount>> count_members(const std::vector<RoomId>& rooms) {
  return pg::query<std::vector<FoundCount>>(
      "select k.place, r.member_count from unnest($1::uuid[]) with ordinality k (id, place)"
      " join study_rooms r on r.id = k.id and r.is_active",
      rooms);
}

pg::Query<RoomView> lock_room(RoomId id) {
  return pg::query<RoomView>(kLockRoom, id);
}

pg::Query<bool> is_closed_room_of(RoomId id, UserId owner) {
  return pg::query<bool>(
      "select exists (select from study_rooms r join room_members m on m.room_id = r.id"
      " where r.id = $1 and not r.is_active and m.user_id = $2 and m.role = 'owner')",
      id, owner);
}

pg::Query<std::int64_t> count_memberships(UserId user) {
  return pg::query<std::int64_t>(
      "select count(*) from room_members m join study_rooms r on r.id = m.room_id"
      " where m.user_id = $1 and r.is_active",
      user);
}

pg::Query<std::optional<RoomId>> find_open_room_of(UserId user) {
  return pg::query<std::optional<RoomId>>(
      "select m.room_id from room_members m join study_rooms r on r.id = m.room_id"
      " where m.user_id = $1 and r.is_active limit 1",
      user);
}

bool forget(pg::Tx& tx, UserId user) {
  constexpr int kMost = 500;
  const auto members = tx.run(
      "delete from room_members where user_id = $1 and room_id in"
      " (select m.room_id from room_members m join study_rooms r on r.id = m.room_id"
      " where m.user_id = $1 and not r.is_active limit $2)",
      user, kMost);
  const auto rooms = tx.run(
      "update study_rooms set created_by = null where id in"
      " (select id from study_rooms where created_by = $1 limit $2)",
      user, kMost);
  const auto bans = tx.run(
      "delete from room_bans where user_id = $1 and room_id in"
      " (select room_id from room_bans where user_id = $1 limit $2)",
      user, kMost);
  const auto mutes = tx.run(
      "delete from room_mutes where user_id = $1 and room_id in"
      " (select room_id from room_mutes where user_id = $1 limit $2)",
      user, kMost);
  return members == kMost || rooms == kMost || bans == kMost || mutes == kMost;
}

pg::Query<std::vector<MembershipRow>> export_memberships(
    UserId user, const std::optional<std::tuple<RoomId>>& before, int limit) {
  static const pg::Listing kRows(
      "select m.room_id, r.name, r.is_active, m.role, m.muted_until, m.read_seq, m.joined_at"
      " from room_members m join study_rooms r on r.id = m.room_id where m.user_id = $1",
      {" and m.room_id < $1"}, " order by m.room_id desc limit $1");
  return kRows.query<MembershipRow>(user, before, limit);
}

pg::Query<std::vector<BanOfPerson>> export_bans(UserId user,
                                                const std::optional<std::tuple<RoomId>>& before,
                                                int limit) {
  static const pg::Listing kRows(
      "select b.room_id, b.reason, b.created_at from room_bans b where b.user_id = $1",
      {" and b.room_id < $1"}, " order by b.room_id desc limit $1");
  return kRows.query<BanOfPerson>(user, before, limit);
}

int count_rooms_of(pg::Tx& tx, UserId owner) {
  tx.run("select 1 from users where id = $1 for no key update", owner);
  return tx.get<int>("select count(*) from study_rooms where created_by = $1 and is_active", owner);
}

void insert_room(pg::Tx& tx, RoomId id, UserId owner, const CreateRoom& room) {
  try {
    tx.run(
        "insert into study_rooms (id, name, description, subject_id, created_by, room_type,"
        " max_participants, logo_url) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id, room.name, room.description, room.subject_id, owner, room.room_type,
        room.max_participants, room.logo_url);
  } catch (const pg::ForeignKeyViolation&) {
    throw Error(Code::not_found, "There is no such subject");
  }
}

RoomView update_room(pg::Tx& tx, const RoomView& room) {
  try {
    return tx.run(pg::query<RoomView>(kUpdateRoom, room.id, room.name, room.description,
                                      room.subject_id, room.room_type, room.max_participants,
                                      room.logo_url));
  } catch (const pg::ForeignKeyViolation&) {
    throw Error(Code::not_found, "There is no such subject");
  }
}

pg::Query<pg::Count> close_room(RoomId id) {
  return pg::query<pg::Count>(
      "update study_rooms set is_active = false, closed_at = now(), updated_at = now() where id = "
      "$1",
      id);
}

}  // namespace stoa::rooms::store
