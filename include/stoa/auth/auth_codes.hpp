#pragma once
// What may be wrong with a sign-in, beside what core knows, and with the codes that other doors of signing in take.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::auth {

inline constexpr Code kInvalidCredentials{"INVALID_CREDENTIALS", 401,
                                          "The e-mail address or the password is wrong"};
inline constexpr Code kSignInAgain{"SIGN_IN_AGAIN", 403, "Sign in again for that"};
inline constexpr Code kInvalidCode{"INVALID_CODE", 401, "The code is wrong"};
inline constexpr Code kSecondFactorNeeded{
    "SECOND_FACTOR_NEEDED", 403,
    "This account has a second factor: sign in by POST /api/auth/oidc, which asks for it"};
// The same for one that was used, replaced or never there: who guesses learns nothing.
inline constexpr Code kCodeExpired{"CODE_EXPIRED", 410,
                                   "That has expired or was used before; start again"};
inline constexpr Code kLastWayIn{
    "LAST_WAY_IN", 409,
    "Nothing else signs in to this account: set a password, or add another way in, first"};
inline constexpr Code kConfirmAddressFirst{
    "CONFIRM_ADDRESS_FIRST", 403,
    "Confirm the account's e-mail address first, by the link that was sent there"};

inline constexpr std::array kCodes = {kInvalidCredentials, kSignInAgain, kInvalidCode,
                                      kSecondFactorNeeded, kCodeExpired, kLastWayIn,
                                      kConfirmAddressFirst};

}  // namespace stoa::auth
