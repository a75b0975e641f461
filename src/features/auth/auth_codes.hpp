#pragma once
// What may be wrong with a sign-in, beside what core knows.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::auth {

inline constexpr Code kInvalidCredentials{"INVALID_CREDENTIALS", 401,
                                          "The e-mail address or the password is wrong"};

inline constexpr Code kSignInAgain{"SIGN_IN_AGAIN", 403,
                                   "Sign in again first; this needs a new sign-in"};

inline constexpr std::array kCodes = {kInvalidCredentials, kSignInAgain};

}  // namespace stoa::auth
