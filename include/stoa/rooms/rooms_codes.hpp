#pragma once
// Why somebody may not do something in a room; used by all that happens in rooms.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::rooms {

inline constexpr Code kRoomFull{"ROOM_FULL", 409, "The room is full"};
inline constexpr Code kNotAMember{"NOT_A_MEMBER", 403, "Join the room first"};
inline constexpr Code kBanned{"BANNED", 403, "You are banned from this room"};
inline constexpr Code kMuted{"MUTED", 403, "You are muted in this room"};
inline constexpr Code kInviteInvalid{"INVITE_INVALID", 403,
                                     "The invite code is wrong, used up or expired"};

inline constexpr std::array kCodes = {kRoomFull, kNotAMember, kBanned, kMuted, kInviteInvalid};

}  // namespace stoa::rooms
