// SQL of who is in a room, who may come in, who may not, and who may not speak.
#include "features/rooms/rooms_store.hpp"

#include <stoa/postgres/listing.hpp>

#include <string>
#include <utility>
#include <vector>

namespace stoa::rooms::store {
namespace {

constexpr char kMemberRow[] =
    "select m.role, u.full_name, m.muted_until from room_members m join users u on u.id = "
    "m.user_id";
constexpr char kOfTwo[] = " where m.room_id = $1 and m.user_id = $2";
constexpr auto kFindMember = pg::sql(kMemberRow, kOfTwo);
constexpr auto kHoldMember =
    pg::sql(kMemberRow, " join study_rooms r on r.id = m.room_id and r.is_active", kOfTwo,
            " for share of m");

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

}  // namespace

pg::Query<std::optional<MemberRow>> find_member(RoomId room, UserId user) {
  return pg::query<std::optional<MemberRow>>(kFindMember, room, user);
}

pg::Query<std::optional<MemberRow>> hold_member(RoomId room, UserId user) {
  return pg::query<std::optional<MemberRow>>(kHoldMember, room, user);
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
