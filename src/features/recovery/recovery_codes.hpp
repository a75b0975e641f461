#pragma once
// What may be wrong with a wish for a link. What is wrong with a link auth knows.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::recovery {

inline constexpr Code kAlreadyVerified{"ALREADY_VERIFIED", 409,
                                       "This address is confirmed already"};
inline constexpr Code kMailOff{"MAIL_OFF", 503, "This server sends no mails"};

inline constexpr std::array kCodes = {kAlreadyVerified, kMailOff};

}  // namespace stoa::recovery
