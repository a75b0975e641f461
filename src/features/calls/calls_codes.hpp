#pragma once
// The error codes of calls.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::calls {

inline constexpr Code kNotInCall{"NOT_IN_CALL", 403, "Join the call first"};

// Of sockets without a token.
inline constexpr Code kJoinRoomFirst{
    "JOIN_ROOM_FIRST", 403, "Join the room over REST first, from this network, and then its call"};
inline constexpr Code kSeatTaken{"SEAT_TAKEN", 409, "This person is in the call already"};

inline constexpr std::array kCodes = {kNotInCall, kJoinRoomFirst, kSeatTaken};

}  // namespace stoa::calls
