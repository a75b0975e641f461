#pragma once
// What may be wrong with what an account is known by.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::users {

inline constexpr Code kEmailTaken{"EMAIL_TAKEN", 409, "This e-mail address is already registered"};
inline constexpr Code kUsernameTaken{"USERNAME_TAKEN", 409, "This username is already taken"};
inline constexpr Code kPhoneTaken{"PHONE_TAKEN", 409, "Another account has this number"};

inline constexpr std::array kCodes = {kEmailTaken, kUsernameTaken, kPhoneTaken};

}  // namespace stoa::users
