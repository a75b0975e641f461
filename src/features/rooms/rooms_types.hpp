#pragma once
// Requests and answers of rooms, and the events that rooms send. Plain described values.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/rooms/views.hpp>

#include <optional>
#include <string>

namespace stoa::rooms {

using InviteId = Id<struct InviteTag>;

// ---- Requests ----

struct RoomPath {
  RoomId id;
};
BOOST_DESCRIBE_STRUCT(RoomPath, (), (id))

struct RoomListQuery : PageQuery {
  std::optional<SubjectId> subject_id;
  std::optional<Label<1, 100>> q;
  std::optional<RoomType> type;
  std::optional<bool> mine;
};
BOOST_DESCRIBE_STRUCT(RoomListQuery, (PageQuery), (subject_id, q, type, mine))

// Above any sensible configuration; what is in force is rooms.max_participants_limit.
using Participants = Bounded<int, 2, 100000>;

struct CreateRoom {
  Label<1, 100> name;
  std::optional<Text<0, 2000>> description;
  std::optional<SubjectId> subject_id;
  Or<RoomType, RoomType::public_> room_type;
  Or<Participants, 50> max_participants;
  std::optional<WebUrl> logo_url;
};
BOOST_DESCRIBE_STRUCT(CreateRoom, (),
                      (name, description, subject_id, room_type, max_participants, logo_url))

// What is left out stays as it is.
struct UpdateRoom {
  RoomId id;
  std::optional<Label<1, 100>> name;
  Patch<Text<0, 2000>> description;
  Patch<SubjectId> subject_id;
  std::optional<RoomType> room_type;
  std::optional<Participants> max_participants;
  Patch<WebUrl> logo_url;
};
BOOST_DESCRIBE_STRUCT(UpdateRoom, (),
                      (id, name, description, subject_id, room_type, max_participants, logo_url))

// Of the form of which the logo is the file.
struct NewLogo {
  RoomId id;
};
BOOST_DESCRIBE_STRUCT(NewLogo, (), (id))

using InviteCode = Text<1, 64>;

struct JoinRoom {
  RoomId id;
  std::optional<InviteCode> invite_code;
};
BOOST_DESCRIBE_STRUCT(JoinRoom, (), (id, invite_code))

struct JoinByCode {
  InviteCode invite_code;
};
BOOST_DESCRIBE_STRUCT(JoinByCode, (), (invite_code))

struct RoomPage : PageQuery {
  RoomId id;
};
BOOST_DESCRIBE_STRUCT(RoomPage, (PageQuery), (id))

struct MemberPath {
  RoomId id;
  UserId user_id;
};
BOOST_DESCRIBE_STRUCT(MemberPath, (), (id, user_id))

// mutedUntil: null ends a mute; mutedMinutes counts from now.
struct UpdateMember {
  RoomId id;
  UserId user_id;
  std::optional<RoomRole> role;
  Patch<Timestamp> muted_until;
  std::optional<Bounded<int, 0, 525600>> muted_minutes;
};
BOOST_DESCRIBE_STRUCT(UpdateMember, (), (id, user_id, role, muted_until, muted_minutes))

struct CreateInvite {
  RoomId id;
  std::optional<Bounded<int, 1, 100000>> max_uses;
  std::optional<Bounded<int, 1, 31536000>> expires_in_seconds;
};
BOOST_DESCRIBE_STRUCT(CreateInvite, (), (id, max_uses, expires_in_seconds))

struct InvitePath {
  RoomId id;
  InviteId invite_id;
};
BOOST_DESCRIBE_STRUCT(InvitePath, (), (id, invite_id))

struct CreateBan {
  RoomId id;
  UserId user_id;
  std::optional<Text<0, 500>> reason;
};
BOOST_DESCRIBE_STRUCT(CreateBan, (), (id, user_id, reason))

// ---- Answers ----

struct RoomMember {
  UserId user_id;
  std::string full_name;
  std::optional<std::string> username;
  std::optional<std::string> profile_picture_url;
  RoomRole role = RoomRole::member;
  bool is_online = false;
  std::optional<Timestamp> muted_until;
  Timestamp joined_at;
};
BOOST_DESCRIBE_STRUCT(RoomMember, (),
                      (user_id, full_name, username, profile_picture_url, role, is_online,
                       muted_until, joined_at))

struct RoomInvite {
  InviteId id;
  std::string code;
  std::optional<int> max_uses;
  int uses = 0;
  std::optional<Timestamp> expires_at;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(RoomInvite, (), (id, code, max_uses, uses, expires_at, created_at))

struct RoomBan {
  UserId user_id;
  std::string full_name;
  std::optional<std::string> reason;
  std::optional<UserId> banned_by;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(RoomBan, (), (user_id, full_name, reason, banned_by, created_at))

// In force, or to be in force again when that person comes back.
struct RoomMute {
  UserId user_id;
  std::string full_name;
  Timestamp muted_until;
  bool is_member = false;
};
BOOST_DESCRIBE_STRUCT(RoomMute, (), (user_id, full_name, muted_until, is_member))

// ---- Events ----

enum class LeaveReason { away, left, kicked, banned };
BOOST_DESCRIBE_ENUM(LeaveReason, away, left, kicked, banned)

struct UserJoined {
  RoomId room_id;
  Participant user;
};
BOOST_DESCRIBE_STRUCT(UserJoined, (), (room_id, user))

struct UserLeft {
  RoomId room_id;
  UserId user_id;
  LeaveReason reason = LeaveReason::away;  // away: still a member, without a connection in the room
};
BOOST_DESCRIBE_STRUCT(UserLeft, (), (room_id, user_id, reason))

struct RoomStats {
  RoomId room_id;
  int member_count = 0;
  int active_count = 0;
};
BOOST_DESCRIBE_STRUCT(RoomStats, (), (room_id, member_count, active_count))

struct MemberUpdated {
  RoomId room_id;
  UserId user_id;
  RoomRole role = RoomRole::member;
  std::optional<Timestamp> muted_until;
};
BOOST_DESCRIBE_STRUCT(MemberUpdated, (), (room_id, user_id, role, muted_until))

struct RoomUpdated {
  RoomId room_id;
  RoomView room;
};
BOOST_DESCRIBE_STRUCT(RoomUpdated, (), (room_id, room))

struct RoomClosed {
  RoomId room_id;
};
BOOST_DESCRIBE_STRUCT(RoomClosed, (), (room_id))

struct RemovedFromRoom {
  RoomId room_id;
  LeaveReason reason = LeaveReason::left;
};
BOOST_DESCRIBE_STRUCT(RemovedFromRoom, (), (room_id, reason))

using realtime::Outgoing;
inline constexpr Outgoing<UserJoined> kUserJoined{"user_joined", "A member came into the room"};
inline constexpr Outgoing<UserLeft> kUserLeft{"user_left", "A member went out of the room"};
inline constexpr Outgoing<RoomStats> kRoomStats{"room_stats_updated",
                                                "How many are in the room has changed"};
inline constexpr Outgoing<MemberUpdated> kMemberUpdated{"member_updated",
                                                        "A member's role or mute has changed"};
inline constexpr Outgoing<RoomUpdated> kRoomUpdated{"room_updated", "The room's details changed"};
inline constexpr Outgoing<RoomClosed> kRoomClosed{"room_closed", "The room is no more"};
inline constexpr Outgoing<RemovedFromRoom> kRemovedFromRoom{
    "removed_from_room", "To every connection of a person whose membership has ended"};

}  // namespace stoa::rooms
