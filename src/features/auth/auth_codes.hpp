#pragma once
// What may be wrong with a sign-in, beside what core knows.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::auth {

inline constexpr Code kInvalidCredentials{"INVALID_CREDENTIALS", 401,
                                          "The e-mail address or the password is wrong"};

inline constexpr std::array kCodes = {kInvalidCredentials};

}  // namespace stoa::auth
