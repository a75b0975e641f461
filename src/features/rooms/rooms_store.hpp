#pragma once
// SQL of rooms, members, invites and bans.
// Every change of a room's members runs while lock_room() holds the room's row, so member_count is
// always the number of its members.
#include "features/rooms/rooms_types.hpp"

#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace stoa::rooms::store {

struct MemberRow {
  RoomRole role = RoomRole::member;
  std::string full_name;
  std::optional<Timestamp> muted_until;
};
BOOST_DESCRIBE_STRUCT(MemberRow, (), (role, full_name, muted_until))

// How somebody stands towards a room: no role, when not a member.
struct Standing {
  RoomType room_type = RoomType::public_;
  std::optional<RoomRole> role;
  std::optional<std::string> full_name;
  std::optional<Timestamp> muted_until;
};
BOOST_DESCRIBE_STRUCT(Standing, (), (room_type, role, full_name, muted_until))

// The same for many at once, with what others see of a member.
struct MemberKey {
  RoomId room;
  UserId user;
};
struct FoundStanding {
  int place = 0;  // of its key, counted from 1
  RoomType room_type = RoomType::public_;
  std::optional<RoomRole> role;
  std::optional<std::string> full_name;
  std::optional<Timestamp> muted_until;
  std::optional<std::string> username;
  std::optional<std::string> profile_picture_url;
  std::optional<Timestamp> joined_at;
};
BOOST_DESCRIBE_STRUCT(FoundStanding, (),
                      (place, room_type, role, full_name, muted_until, username,
                       profile_picture_url, joined_at))

struct FoundCount {
  int place = 0;  // of its room, counted from 1
  int members = 0;
};
BOOST_DESCRIBE_STRUCT(FoundCount, (), (place, members))

// Public rooms, whatever type is asked for, and those that somebody is in. Newest first, one row more than `limit`, if any. With
// a text it may read everybody's; then whoever asks, `whom`, waits for his turn.
pg::Query<std::vector<RoomView>> list_public(const RoomListQuery& query,
                                             std::optional<RoomId> before, const TurnKey& whom);
pg::Query<std::vector<RoomView>> list_of(UserId member, const RoomListQuery& query,
                                         std::optional<RoomId> before, const TurnKey& whom);
// These find open rooms only.
pg::Query<std::optional<RoomView>> find_room(RoomId id);
pg::Query<std::optional<Standing>> find_standing(RoomId id, UserId user);
pg::Query<std::vector<FoundStanding>> find_standings(const std::vector<MemberKey>& keys);
pg::Query<std::vector<FoundCount>> count_members(const std::vector<RoomId>& rooms);
// Holds the row until the end of the transaction.
pg::Query<RoomView> lock_room(RoomId id);
// True for a room that is closed, and whose owner this is.
pg::Query<bool> is_closed_room_of(RoomId id, UserId owner);
pg::Query<std::int64_t> count_memberships(UserId user);  // in open rooms
// One that the person is in.
pg::Query<std::optional<RoomId>> find_open_room_of(UserId user);
// What is kept of somebody who is in no open room: a slice of it. True where there may be more.
bool forget(pg::Tx& tx, UserId user);
// For the copy that its owner takes.
struct MembershipRow {
  RoomId room_id;
  std::string room_name;
  bool is_active = false;
  RoomRole role = RoomRole::member;
  std::optional<Timestamp> muted_until;
  std::int64_t read_seq = 0;
  Timestamp joined_at;
};
BOOST_DESCRIBE_STRUCT(MembershipRow, (),
                      (room_id, room_name, is_active, role, muted_until, read_seq, joined_at))
pg::Query<std::vector<MembershipRow>> export_memberships(
    UserId user, const std::optional<std::tuple<RoomId>>& before, int limit);
// The reason is what somebody else wrote of the person.
struct BanOfPerson {
  RoomId room_id;
  std::optional<std::string> reason;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(BanOfPerson, (), (room_id, reason, created_at))
pg::Query<std::vector<BanOfPerson>> export_bans(UserId user,
                                                const std::optional<std::tuple<RoomId>>& before,
                                                int limit);
int count_rooms_of(pg::Tx& tx, UserId owner);  // holds the owner's row

void insert_room(pg::Tx& tx, RoomId id, UserId owner, const CreateRoom& room);
RoomView update_room(pg::Tx& tx, const RoomView& room);
pg::Query<pg::Count> close_room(RoomId id);

pg::Query<std::optional<MemberRow>> find_member(RoomId room, UserId user);
// The same of a room that is open; nobody changes or takes away the row until the transaction ends.
pg::Query<std::optional<MemberRow>> hold_member(RoomId room, UserId user);
// In the order of joining.
pg::Query<std::vector<Participant>> list_participants(RoomId room);
// In the order in which they came, from behind that one on.
pg::Query<std::vector<RoomMember>> list_members(
    RoomId room, const std::optional<std::tuple<Timestamp, UserId>>& after, int limit);
pg::Query<RoomMember> get_member(RoomId room, UserId user);
// Both keep member_count.
void insert_member(pg::Tx& tx, RoomId room, UserId user, RoomRole role);
void delete_member(pg::Tx& tx, RoomId room, UserId user);
// Of members, and of people who have left; by user, from behind that one on. Not those that have lapsed.
pg::Query<std::vector<RoomMute>> list_mutes(RoomId room, std::optional<UserId> before, int limit);
// Of somebody who is no member any more.
pg::Query<std::optional<Timestamp>> find_kept_mute(RoomId room, UserId user);
pg::Query<pg::Count> delete_kept_mute(RoomId room, UserId user);
// Of people who are no members any more. Answers how many; at most `most`.
std::int64_t delete_lapsed_mutes(pg::Tx& tx, int most);
pg::Query<pg::Count> set_role(RoomId room, UserId user, RoomRole role);
pg::Query<pg::Count> set_muted_until(RoomId room, UserId user, std::optional<Timestamp> until);
// The member who becomes owner when the owner has gone: the oldest moderator, else the oldest member.
pg::Query<std::optional<UserId>> find_heir(RoomId room);

// Those that nobody can use any more.
pg::Query<pg::Count> delete_spent_invites(RoomId room);
pg::Query<int> count_invites(RoomId room);
pg::Query<RoomInvite> insert_invite(InviteId id, UserId creator, const std::string& code,
                                    const CreateInvite& invite);
pg::Query<std::vector<RoomInvite>> list_invites(RoomId room);
pg::Query<pg::Count> delete_invite(RoomId room, InviteId id);
// Counts one use; none when the code is not of this room, used up or expired.
pg::Query<pg::Count> use_invite(RoomId room, const std::string& code);
pg::Query<std::optional<RoomId>> find_room_of_invite(const std::string& code);

pg::Query<bool> is_banned(RoomId room, UserId user);
struct BanRow {
  std::optional<std::string> reason;
  std::optional<UserId> banned_by;
};
BOOST_DESCRIBE_STRUCT(BanRow, (), (reason, banned_by))
pg::Query<std::optional<BanRow>> find_ban(RoomId room, UserId user);
pg::Query<RoomBan> get_ban(RoomId room, UserId user);
RoomBan upsert_ban(pg::Tx& tx, const CreateBan& ban, UserId by);
pg::Query<std::vector<RoomBan>> list_bans(RoomId room, std::optional<UserId> before, int limit);
pg::Query<pg::Count> delete_ban(RoomId room, UserId user);

}  // namespace stoa::rooms::store
