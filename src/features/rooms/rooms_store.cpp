#include "features/rooms/rooms_store.hpp"

namespace stoa::rooms::store {
namespace {

// The members of RoomView; who is present is not the database's to know.
const std::string kRoomColumns =
    "r.id, r.name, r.description, r.subject_id, r.room_type, r.max_participants, r.logo_url,"
    " r.created_by, r.is_active, r.member_count, 0, r.created_at, r.updated_at";

// What a person typed, to be found anywhere in a name.
std::string like_pattern(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace

std::vector<RoomView> list_rooms(pg::Tx& tx, const RoomListQuery& query,
                                 std::optional<UserId> viewer, std::optional<RoomId> before) {
  // Each combination of filters is a statement of its own, so that each gets the plan and the index
  // that suit it. A filter that is not there still names its parameter, to give it a type.
  const bool mine = query.mine.value_or(false);
  std::string sql = "select " + kRoomColumns;
  if (mine) {
    sql += " from room_members m join study_rooms r on r.id = m.room_id where m.user_id = $1::uuid";
  } else {
    sql +=
        " from study_rooms r where (r.room_type = 'public' or exists (select 1 from room_members m"
        " where m.room_id = r.id and m.user_id = $1::uuid))";
  }
  sql += " and r.is_active";
  sql += query.subject_id ? " and r.subject_id = $2::uuid" : " and $2::uuid is null";
  sql += query.q ? " and r.name ilike $3::text" : " and $3::text is null";
  sql += query.type ? " and r.room_type = $4::text" : " and $4::text is null";
  sql += before ? " and r.id < $5::uuid" : " and $5::uuid is null";
  sql += " order by r.id desc limit $6";
  const auto pattern = query.q ? std::optional(like_pattern(query.q->value)) : std::nullopt;
  return tx.list<RoomView>(sql, viewer, query.subject_id, pattern, query.type, before,
                           *query.limit + 1);
}

std::optional<RoomView> find_room(pg::Tx& tx, RoomId id) {
  static const std::string kSql =
      "select " + kRoomColumns + " from study_rooms r where r.id = $1 and r.is_active";
  return tx.find<RoomView>(kSql, id);
}

RoomView lock_room(pg::Tx& tx, RoomId id) {
  // "no key": an insert that refers to the room does not wait for us.
  static const std::string kSql = "select " + kRoomColumns +
                                  " from study_rooms r where r.id = $1 and r.is_active"
                                  " for no key update";
  return tx.get<RoomView>(kSql, id);
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
  static const std::string kSql =
      "update study_rooms r set name = $2, description = $3, subject_id = $4, room_type = $5,"
      " max_participants = $6, logo_url = $7, updated_at = now() where r.id = $1 returning " +
      kRoomColumns;
  try {
    return tx.get<RoomView>(kSql, room.id, room.name, room.description, room.subject_id,
                            room.room_type, room.max_participants, room.logo_url);
  } catch (const pg::ForeignKeyViolation&) {
    throw Error(Code::not_found, "There is no such subject");
  }
}

void close_room(pg::Tx& tx, RoomId id) {
  tx.run("update study_rooms set is_active = false, updated_at = now() where id = $1", id);
}

std::optional<MemberRow> find_member(pg::Tx& tx, RoomId room, UserId user) {
  return tx.find<MemberRow>(
      "select m.role, u.full_name, m.muted_until from room_members m join users u on u.id = "
      "m.user_id"
      " where m.room_id = $1 and m.user_id = $2",
      room, user);
}

std::vector<Participant> list_participants(pg::Tx& tx, RoomId room) {
  return tx.list<Participant>(
      "select m.user_id, u.full_name, u.username, u.profile_picture_url, m.role, false, m.joined_at"
      " from room_members m join users u on u.id = m.user_id"
      " where m.room_id = $1 order by m.joined_at, m.user_id",
      room);
}

std::vector<RoomMember> list_members(pg::Tx& tx, RoomId room, std::optional<Timestamp> after,
                                     std::optional<UserId> after_user, int limit) {
  return tx.list<RoomMember>(
      "select m.user_id, u.full_name, u.username, u.profile_picture_url, m.role, false,"
      " m.muted_until, m.joined_at from room_members m join users u on u.id = m.user_id"
      " where m.room_id = $1"
      " and ($2::timestamptz is null or (m.joined_at, m.user_id) > ($2::timestamptz, $3::uuid))"
      " order by m.joined_at, m.user_id limit $4",
      room, after, after_user, limit);
}

RoomMember get_member(pg::Tx& tx, RoomId room, UserId user) {
  return tx.get<RoomMember>(
      "select m.user_id, u.full_name, u.username, u.profile_picture_url, m.role, false,"
      " m.muted_until, m.joined_at from room_members m join users u on u.id = m.user_id"
      " where m.room_id = $1 and m.user_id = $2",
      room, user);
}

void insert_member(pg::Tx& tx, RoomId room, UserId user, RoomRole role) {
  tx.run("insert into room_members (room_id, user_id, role) values ($1, $2, $3)", room, user, role);
  tx.run("update study_rooms set member_count = member_count + 1 where id = $1", room);
}

void delete_member(pg::Tx& tx, RoomId room, UserId user) {
  const auto gone =
      tx.run("delete from room_members where room_id = $1 and user_id = $2", room, user);
  tx.run("update study_rooms set member_count = member_count - $2::int where id = $1", room, gone);
}

void set_role(pg::Tx& tx, RoomId room, UserId user, RoomRole role) {
  tx.run("update room_members set role = $3 where room_id = $1 and user_id = $2", room, user, role);
}

void set_muted_until(pg::Tx& tx, RoomId room, UserId user, std::optional<Timestamp> until) {
  tx.run("update room_members set muted_until = $3 where room_id = $1 and user_id = $2", room, user,
         until);
}

std::optional<UserId> find_heir(pg::Tx& tx, RoomId room) {
  return tx.find<UserId>(
      "select user_id from room_members where room_id = $1"
      " order by role = 'moderator' desc, joined_at, user_id limit 1",
      room);
}

void delete_spent_invites(pg::Tx& tx, RoomId room) {
  tx.run(
      "delete from room_invites where room_id = $1"
      " and (expires_at <= now() or uses >= max_uses)",
      room);
}

int count_invites(pg::Tx& tx, RoomId room) {
  return tx.get<int>("select count(*) from room_invites where room_id = $1", room);
}

RoomInvite insert_invite(pg::Tx& tx, InviteId id, UserId creator, const std::string& code,
                         const CreateInvite& invite) {
  return tx.get<RoomInvite>(
      "insert into room_invites (id, room_id, code, created_by, max_uses, expires_at)"
      " values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6::int))"
      " returning id, code, max_uses, uses, expires_at, created_at",
      id, invite.id, code, creator, invite.max_uses, invite.expires_in_seconds);
}

std::vector<RoomInvite> list_invites(pg::Tx& tx, RoomId room) {
  return tx.list<RoomInvite>(
      "select id, code, max_uses, uses, expires_at, created_at from room_invites"
      " where room_id = $1 order by id desc",
      room);
}

bool delete_invite(pg::Tx& tx, RoomId room, InviteId id) {
  return tx.run("delete from room_invites where id = $2 and room_id = $1", room, id) > 0;
}

bool use_invite(pg::Tx& tx, RoomId room, const std::string& code) {
  return tx.run(
             "update room_invites set uses = uses + 1 where room_id = $1 and sha256(code::bytea) = "
             "sha256(convert_to($2, 'UTF8'))"
             " and (max_uses is null or uses < max_uses)"
             " and (expires_at is null or expires_at > now())",
             room, code) > 0;
}

std::optional<RoomId> find_room_of_invite(pg::Tx& tx, const std::string& code) {
  return tx.find<RoomId>(
      "select room_id from room_invites where sha256(code::bytea) = sha256(convert_to($1, 'UTF8'))",
      code);
}

bool is_banned(pg::Tx& tx, RoomId room, UserId user) {
  return tx.find<int>("select 1 from room_bans where room_id = $1 and user_id = $2", room, user)
      .has_value();
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

std::vector<RoomBan> list_bans(pg::Tx& tx, RoomId room, std::optional<UserId> before, int limit) {
  return tx.list<RoomBan>(
      "select b.user_id, u.full_name, b.reason, b.banned_by, b.created_at"
      " from room_bans b join users u on u.id = b.user_id"
      " where b.room_id = $1 and ($2::uuid is null or b.user_id < $2::uuid)"
      " order by b.user_id desc limit $3",
      room, before, limit);
}

bool delete_ban(pg::Tx& tx, RoomId room, UserId user) {
  return tx.run("delete from room_bans where room_id = $1 and user_id = $2", room, user) > 0;
}

}  // namespace stoa::rooms::store
