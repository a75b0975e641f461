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

constexpr char kMember[] =
    "select m.user_id, u.full_name, u.username, u.profile_picture_url, m.role, false,"
    " m.muted_until, m.joined_at from room_members m join users u on u.id = m.user_id"
    " where m.room_id = $1";
constexpr auto kGetMember = pg::sql(kMember, " and m.user_id = $2");

constexpr char kBan[] =
    "select b.user_id, u.full_name, b.reason, b.banned_by, b.created_at"
    " from room_bans b join users u on u.id = b.user_id where b.room_id = $1";
constexpr auto kGetBan = pg::sql(kBan, " and b.user_id = $2");

// So many are taken first, and joined then.
constexpr char kMute[] =
    "select m.user_id, u.full_name, m.muted_until, m.is_member from (select * from ("
    "select room_id, user_id, muted_until, true as is_member from room_members"
    " union all select room_id, user_id, muted_until, false from room_mutes) m"
    " where m.room_id = $1 and m.muted_until > now()";
constexpr char kMuteTail[] =
    " order by m.user_id desc limit $1) m join users u on u.id = m.user_id"
    " order by m.user_id desc";

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

pg::Query<std::optional<MemberRow>> find_member(RoomId room, UserId user) {
  return pg::query<std::optional<MemberRow>>(
      "select m.role, u.full_name, m.muted_until from room_members m join users u on u.id = "
      "m.user_id"
      " where m.room_id = $1 and m.user_id = $2",
      room, user);
}

pg::Query<std::optional<MemberRow>> hold_member(RoomId room, UserId user) {
  return pg::query<std::optional<MemberRow>>(
      "select m.role, u.full_name, m.muted_until from room_members m"
      " join study_rooms r on r.id = m.room_id and r.is_active join users u on u.id = m.user_id"
      " where m.room_id = $1 and m.user_id = $2 for share of m",
      room, user);
}

pg::Query<std::vector<Participant>> list_participants(RoomId room) {
  return pg::query<std::vector<Participant>>(
      "select m.user_id, u.full_name, u.username, u.profile_picture_url, m.role, false,"
      " case when m.muted_until > now() then m.muted_until end, m.joined_at"
      " from room_members m join users u on u.id = m.user_id"
      " where m.room_id = $1 order by m.joined_at, m.user_id",
      room);
}

pg::Query<std::vector<RoomMember>> list_members(
    RoomId room, const std::optional<std::tuple<Timestamp, UserId>>& after, int limit) {
  static const pg::Listing kMembers(kMember, {" and (m.joined_at, m.user_id) > ($1, $2)"},
                                    " order by m.joined_at, m.user_id limit $1");
  return kMembers.query<RoomMember>(room, after, limit);
}

pg::Query<RoomMember> get_member(RoomId room, UserId user) {
  return pg::query<RoomMember>(kGetMember, room, user);
}

void insert_member(pg::Tx& tx, RoomId room, UserId user, RoomRole role) {
  tx.run(
      "with kept as (delete from room_mutes where room_id = $1 and user_id = $2"
      " returning muted_until)"
      " insert into room_members (room_id, user_id, role, muted_until)"
      " values ($1, $2, $3, (select muted_until from kept where muted_until > now()))",
      room, user, role);
  tx.run("update study_rooms set member_count = member_count + 1 where id = $1", room);
}

void delete_member(pg::Tx& tx, RoomId room, UserId user) {
  tx.run(
      "insert into room_mutes (room_id, user_id, muted_until)"
      " select room_id, user_id, muted_until from room_members"
      " where room_id = $1 and user_id = $2 and muted_until > now()"
      " on conflict (room_id, user_id) do update set muted_until = excluded.muted_until",
      room, user);
  const auto gone =
      tx.run("delete from room_members where room_id = $1 and user_id = $2", room, user);
  tx.run(
      "update study_rooms set member_count = member_count - $2::int, standing = standing + 1"
      " where id = $1",
      room, gone);
}

pg::Query<pg::Count> set_role(RoomId room, UserId user, RoomRole role) {
  return pg::query<pg::Count>(
      "update room_members set role = $3 where room_id = $1 and user_id = $2", room, user, role);
}

pg::Query<pg::Count> set_muted_until(RoomId room, UserId user, std::optional<Timestamp> until) {
  return pg::query<pg::Count>(
      "with room as (update study_rooms set standing = standing + 1 where id = $1)"
      " update room_members set muted_until = $3 where room_id = $1 and user_id = $2",
      room, user, until);
}

pg::Query<std::optional<UserId>> find_heir(RoomId room) {
  return pg::query<std::optional<UserId>>(
      "select user_id from room_members where room_id = $1"
      " order by role = 'moderator' desc, joined_at, user_id limit 1",
      room);
}

pg::Query<pg::Count> delete_spent_invites(RoomId room) {
  return pg::query<pg::Count>(
      "delete from room_invites where room_id = $1"
      " and (expires_at <= now() or uses >= max_uses)",
      room);
}

pg::Query<int> count_invites(RoomId room) {
  return pg::query<int>("select count(*) from room_invites where room_id = $1", room);
}

pg::Query<RoomInvite> insert_invite(InviteId id, UserId creator, const std::string& code,
                                    const CreateInvite& invite) {
  return pg::query<RoomInvite>(
      "insert into room_invites (id, room_id, code, created_by, max_uses, expires_at)"
      " values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6::int))"
      " returning id, code, max_uses, uses, expires_at, created_at",
      id, invite.id, code, creator, invite.max_uses, invite.expires_in_seconds);
}

pg::Query<std::vector<RoomInvite>> list_invites(RoomId room) {
  return pg::query<std::vector<RoomInvite>>(
      "select id, code, max_uses, uses, expires_at, created_at from room_invites"
      " where room_id = $1 order by id desc",
      room);
}

pg::Query<pg::Count> delete_invite(RoomId room, InviteId id) {
  return pg::query<pg::Count>("delete from room_invites where id = $2 and room_id = $1", room, id);
}

pg::Query<pg::Count> use_invite(RoomId room, const std::string& code) {
  return pg::query<pg::Count>(
      "update room_invites set uses = uses + 1 where room_id = $1 and sha256(code::bytea) = "
      "sha256(convert_to($2, 'UTF8'))"
      " and (max_uses is null or uses < max_uses)"
      " and (expires_at is null or expires_at > now())",
      room, code);
}

pg::Query<std::optional<RoomId>> find_room_of_invite(const std::string& code) {
  return pg::query<std::optional<RoomId>>(
      "select room_id from room_invites where sha256(code::bytea) = sha256(convert_to($1, 'UTF8'))",
      code);
}

pg::Query<bool> is_banned(RoomId room, UserId user) {
  return pg::query<bool>(
      "select exists (select from room_bans where room_id = $1 and user_id = $2)", room, user);
}

pg::Query<std::optional<BanRow>> find_ban(RoomId room, UserId user) {
  return pg::query<std::optional<BanRow>>(
      "select reason, banned_by from room_bans where room_id = $1 and user_id = $2", room, user);
}

pg::Query<std::vector<RoomMute>> list_mutes(RoomId room, std::optional<UserId> before, int limit) {
  static const pg::Listing kMutes(kMute, {" and m.user_id < $1"}, kMuteTail);
  return kMutes.query<RoomMute>(room, before, limit);
}

pg::Query<std::optional<Timestamp>> find_kept_mute(RoomId room, UserId user) {
  return pg::query<std::optional<Timestamp>>(
      "select muted_until from room_mutes"
      " where room_id = $1 and user_id = $2 and muted_until > now()",
      room, user);
}

pg::Query<pg::Count> delete_kept_mute(RoomId room, UserId user) {
  return pg::query<pg::Count>("delete from room_mutes where room_id = $1 and user_id = $2", room,
                              user);
}

std::int64_t delete_lapsed_mutes(pg::Tx& tx, int most) {
  return tx.run(
      "delete from room_mutes where (room_id, user_id) in"
      " (select room_id, user_id from room_mutes where muted_until <= now() limit $1)",
      most);
}

pg::Query<RoomBan> get_ban(RoomId room, UserId user) {
  return pg::query<RoomBan>(kGetBan, room, user);
}

RoomBan upsert_ban(pg::Tx& tx, const CreateBan& ban, UserId by) {
  try {
    return tx.get<RoomBan>(
        "with ban as (insert into room_bans (room_id, user_id, reason, banned_by)"
        " values ($1, $2, $3, $4) on conflict (room_id, user_id) do update"
        " set reason = excluded.reason, banned_by = excluded.banned_by"
        " returning user_id, reason, banned_by, created_at)"
        " select b.user_id, u.full_name, b.reason, b.banned_by, b.created_at"
        " from ban b join users u on u.id = b.user_id",
        ban.id, ban.user_id, ban.reason, by);
  } catch (const pg::ForeignKeyViolation&) {
    throw Error(Code::not_found, "There is no such person");
  }
}

pg::Query<std::vector<RoomBan>> list_bans(RoomId room, std::optional<UserId> before, int limit) {
  static const pg::Listing kBans(kBan, {" and b.user_id < $1"},
                                 " order by b.user_id desc limit $1");
  return kBans.query<RoomBan>(room, before, limit);
}

pg::Query<pg::Count> delete_ban(RoomId room, UserId user) {
  return pg::query<pg::Count>("delete from room_bans where room_id = $1 and user_id = $2", room,
                              user);
}

}  // namespace stoa::rooms::store
