#pragma once
// SQL of rooms, members, invites and bans: plain functions over a transaction, on a database thread.
// Whatever changes who is in a room runs while lock_room() holds the room's row, so member_count is
// always the number of its members.
#include "features/rooms/rooms_types.hpp"

#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::rooms::store {

struct MemberRow {
  RoomRole role = RoomRole::member;
  std::string full_name;
  std::optional<Timestamp> muted_until;
};
BOOST_DESCRIBE_STRUCT(MemberRow, (), (role, full_name, muted_until))

// Newest first; private rooms only where `viewer` is a member. One row more than `limit`, if any.
std::vector<RoomView> list_rooms(pg::Tx& tx, const RoomListQuery& query,
                                 std::optional<UserId> viewer, std::optional<RoomId> before);
std::optional<RoomView> find_room(pg::Tx& tx, RoomId id);
// Holds the row until the end of the transaction. Error{not_found} when it is gone or closed.
RoomView lock_room(pg::Tx& tx, RoomId id);
int count_rooms_of(pg::Tx& tx, UserId owner);  // holds the owner's row

void insert_room(pg::Tx& tx, RoomId id, UserId owner, const CreateRoom& room);
RoomView update_room(pg::Tx& tx, const RoomView& room);
void close_room(pg::Tx& tx, RoomId id);

std::optional<MemberRow> find_member(pg::Tx& tx, RoomId room, UserId user);
// In the order of joining.
std::vector<Participant> list_participants(pg::Tx& tx, RoomId room);
std::vector<RoomMember> list_members(pg::Tx& tx, RoomId room, std::optional<Timestamp> after,
                                     std::optional<UserId> after_user, int limit);
RoomMember get_member(pg::Tx& tx, RoomId room, UserId user);
// Both keep member_count.
void insert_member(pg::Tx& tx, RoomId room, UserId user, RoomRole role);
void delete_member(pg::Tx& tx, RoomId room, UserId user);
void set_role(pg::Tx& tx, RoomId room, UserId user, RoomRole role);
void set_muted_until(pg::Tx& tx, RoomId room, UserId user, std::optional<Timestamp> until);
// Who takes over when the owner has gone: the oldest moderator, else the oldest member.
std::optional<UserId> find_heir(pg::Tx& tx, RoomId room);

// Those that nobody can use any more.
void delete_spent_invites(pg::Tx& tx, RoomId room);
int count_invites(pg::Tx& tx, RoomId room);
RoomInvite insert_invite(pg::Tx& tx, InviteId id, UserId creator, const std::string& code,
                         const CreateInvite& invite);
std::vector<RoomInvite> list_invites(pg::Tx& tx, RoomId room);
bool delete_invite(pg::Tx& tx, RoomId room, InviteId id);
// Counts one use; false when the code is not of this room, used up or expired.
bool use_invite(pg::Tx& tx, RoomId room, const std::string& code);
std::optional<RoomId> find_room_of_invite(pg::Tx& tx, const std::string& code);

bool is_banned(pg::Tx& tx, RoomId room, UserId user);
RoomBan upsert_ban(pg::Tx& tx, const CreateBan& ban, UserId by);
std::vector<RoomBan> list_bans(pg::Tx& tx, RoomId room, std::optional<UserId> before, int limit);
bool delete_ban(pg::Tx& tx, RoomId room, UserId user);

}  // namespace stoa::rooms::store
