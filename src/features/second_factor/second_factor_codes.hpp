#pragma once
// What may be wrong with second factors, beside what auth knows.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::second_factor {

inline constexpr Code kSecondFactorOn{"SECOND_FACTOR_ON", 409,
                                      "The account has a second factor already"};
inline constexpr Code kSecondFactorOff{"SECOND_FACTOR_OFF", 503,
                                       "This server has no key that keeps second factors"};
// Of somebody who is signed in: 401 would say that his token is no longer good.
inline constexpr Code kWrongCode{"WRONG_CODE", 422, "The code is wrong"};

inline constexpr std::array kCodes = {kSecondFactorOn, kSecondFactorOff, kWrongCode};

}  // namespace stoa::second_factor
