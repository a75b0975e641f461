#pragma once
// What others see of rooms and their people, on REST and on sockets alike. Plain described values.
#include <stoa/core/binding.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::rooms {

using SubjectId = Id<struct SubjectTag>;

enum class RoomType { public_, private_ };
BOOST_DESCRIBE_ENUM(RoomType, public_, private_)

// Highest first: a person acts only on those who stand after them.
enum class RoomRole { owner, moderator, member };
BOOST_DESCRIBE_ENUM(RoomRole, owner, moderator, member)

struct RoomView {
  RoomId id;
  std::string name;
  std::optional<std::string> description;
  std::optional<SubjectId> subject_id;
  RoomType room_type = RoomType::public_;
  int max_participants = 0;
  std::optional<std::string> logo_url;
  std::optional<UserId> created_by;  // empty when the account is gone
  bool is_active = true;
  int member_count = 0;
  int active_count = 0;       // members who are in the room right now
  int call_participants = 0;  // people in its call
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(RoomView, (),
                      (id, name, description, subject_id, room_type, max_participants, logo_url,
                       created_by, is_active, member_count, active_count, call_participants,
                       created_at, updated_at))

// Its columns, of a query whose row `r` is a room. Presence is not stored.
inline constexpr char kRoomColumns[] =
    "r.id, r.name, r.description, r.subject_id, r.room_type, r.max_participants, r.logo_url,"
    " r.created_by, r.is_active, r.member_count, 0, 0, r.created_at, r.updated_at";

struct Participant {
  UserId user_id;
  std::string full_name;
  std::optional<std::string> username;
  std::optional<std::string> profile_picture_url;
  RoomRole role = RoomRole::member;
  bool is_online = false;                // in the room right now
  std::optional<Timestamp> muted_until;  // in the future
  Timestamp joined_at;
};
BOOST_DESCRIBE_STRUCT(Participant, (),
                      (user_id, full_name, username, profile_picture_url, role, is_online,
                       muted_until, joined_at))

// What somebody who comes in is told.
struct RoomEntry {
  RoomView room;
  std::vector<Participant> participants;
};
BOOST_DESCRIBE_STRUCT(RoomEntry, (), (room, participants))

}  // namespace stoa::rooms
