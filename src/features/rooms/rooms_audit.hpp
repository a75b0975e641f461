#pragma once
// What the audit log has of rooms: the acts of those who lead one on others, and the end of a room. Plain described values.
#include <stoa/audit/audit.hpp>
#include <stoa/rooms/views.hpp>

#include <optional>
#include <string>

namespace stoa::rooms {

// Targets are users within the room, but for the last three.
inline constexpr audit::Action kKick{"rooms.kick"};
inline constexpr audit::Action kBan{"rooms.ban"};
inline constexpr audit::Action kUnban{"rooms.unban"};
inline constexpr audit::Action kMute{"rooms.mute"};  // and its end
inline constexpr audit::Action kChangeRole{"rooms.change_role"};
inline constexpr audit::Action kHandOver{"rooms.hand_over"};  // the target is the new owner
inline constexpr audit::Action kUpdate{"rooms.update"};       // of who may come in, and how many
inline constexpr audit::Action kClose{"rooms.close"};
inline constexpr audit::Action kDeleteLogo{"rooms.delete_logo"};  // by an operator

inline audit::Target member_of(RoomId room, UserId user) {
  return {{"user", user}, audit::Thing("room", room)};
}

struct RoleState {
  RoomRole role = RoomRole::member;
};
BOOST_DESCRIBE_STRUCT(RoleState, (), (role))

struct MuteState {
  std::optional<Timestamp> muted_until;
};
BOOST_DESCRIBE_STRUCT(MuteState, (), (muted_until))

struct BanState {
  std::optional<RoomRole> role;  // of a member
  bool is_banned = false;
  std::optional<std::string> reason;
  std::optional<UserId> banned_by;
};
BOOST_DESCRIBE_STRUCT(BanState, (), (role, is_banned, reason, banned_by))

struct OwnerState {
  UserId owner;
};
BOOST_DESCRIBE_STRUCT(OwnerState, (), (owner))

struct DoorState {
  RoomType room_type = RoomType::public_;
  int max_participants = 0;
};
BOOST_DESCRIBE_STRUCT(DoorState, (), (room_type, max_participants))

struct OpenRoom {
  std::string name;
  RoomType room_type = RoomType::public_;
  int member_count = 0;
};
BOOST_DESCRIBE_STRUCT(OpenRoom, (), (name, room_type, member_count))

struct LogoState {
  std::optional<std::string> logo_url;
};
BOOST_DESCRIBE_STRUCT(LogoState, (), (logo_url))

}  // namespace stoa::rooms
