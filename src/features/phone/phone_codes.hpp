#pragma once
// What may be wrong with telephone numbers and their codes, beside what auth and users know.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::phone {

inline constexpr Code kPhoneOff{"PHONE_OFF", 503, "This server sends no codes to telephones"};
inline constexpr Code kPhoneUnavailable{"PHONE_UNAVAILABLE", 503,
                                        "The code cannot be checked just now; try again"};
// Who has a number now may be somebody else than who had it.
inline constexpr Code kPhoneStale{
    "PHONE_STALE", 403,
    "This number was not used here for long: sign in otherwise, and confirm it anew"};
// Of somebody who is signed in: 401 would say that his token is no longer good.
inline constexpr Code kWrongPhoneCode{"WRONG_PHONE_CODE", 422, "The code is wrong"};

inline constexpr std::array kCodes = {kPhoneOff, kPhoneUnavailable, kPhoneStale, kWrongPhoneCode};

}  // namespace stoa::phone
