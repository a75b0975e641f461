#pragma once
// What may be wrong with a picture.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::avatars {

inline constexpr Code kNotAPicture{"NOT_A_PICTURE", 415,
                                   "This is no whole picture (JPEG, PNG, WebP, GIF, HEIC or AVIF)"};
inline constexpr Code kPictureTooLarge{"PICTURE_TOO_LARGE", 422,
                                       "The picture has too many pixels; make it smaller first"};

inline constexpr std::array kCodes = {kNotAPicture, kPictureTooLarge};

}  // namespace stoa::avatars
