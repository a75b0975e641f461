#pragma once
// The error codes of calls.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::calls {

inline constexpr Code kNotInCall{"NOT_IN_CALL", 403, "Join the call first"};
inline constexpr Code kTooManySeats{"TOO_MANY_SEATS", 409,
                                    "You are in this call with as many devices as you may be"};

inline constexpr std::array kCodes = {kNotInCall, kTooManySeats};

}  // namespace stoa::calls
