#pragma once
// What may be wrong with a link, beside what core knows.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::recovery {

// The same for one that was used, replaced or never there: who guesses learns nothing.
inline constexpr Code kCodeExpired{
    "CODE_EXPIRED", 410, "This link was used already or is no longer good; ask for a new one"};
inline constexpr Code kAlreadyVerified{"ALREADY_VERIFIED", 409,
                                       "This address is confirmed already"};
inline constexpr Code kMailOff{"MAIL_OFF", 503, "This server sends no mails"};

inline constexpr std::array kCodes = {kCodeExpired, kAlreadyVerified, kMailOff};

}  // namespace stoa::recovery
