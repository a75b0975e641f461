#pragma once
// The error codes of calls.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::calls {

inline constexpr Code kNotInCall{"NOT_IN_CALL", 403, "Join the call first"};

inline constexpr std::array kCodes = {kNotInCall};

}  // namespace stoa::calls
