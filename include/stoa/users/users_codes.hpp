#pragma once
// What may be wrong with an account's names.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::users {

inline constexpr Code kEmailTaken{"EMAIL_TAKEN", 409, "This e-mail address is already registered"};
inline constexpr Code kUsernameTaken{"USERNAME_TAKEN", 409, "This username is already taken"};

inline constexpr std::array kCodes = {kEmailTaken, kUsernameTaken};

}  // namespace stoa::users
