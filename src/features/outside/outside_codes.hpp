#pragma once
// What may be wrong with identities from outside, beside what auth and oidc know.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::outside {

inline constexpr Code kIdentityTaken{"IDENTITY_TAKEN", 409,
                                     "Somebody else signs in here with that account"};
// Its owner has taken it away. No account is made for it either, which would surprise whoever it belongs to.
inline constexpr Code kIdentityRemoved{
    "IDENTITY_REMOVED", 403,
    "This way in was taken away here: sign in otherwise, and add it again"};
// Of somebody who is signed in: 401 would say that his own token is no longer good.
inline constexpr Code kIdTokenRefused{"ID_TOKEN_REFUSED", 422, "The ID token is not good here"};

inline constexpr Code kTooManyIdentities{
    "TOO_MANY_IDENTITIES", 409, "There are as many ways in from outside as an account may have"};

inline constexpr std::array kCodes = {kIdentityTaken, kIdentityRemoved, kIdTokenRefused,
                                      kTooManyIdentities};

}  // namespace stoa::outside
