#pragma once
// What may be wrong with a file; used by all features that take some.
#include <stoa/core/error.hpp>

#include <array>

namespace stoa::files {

inline constexpr Code kTypeRefused{"FILE_TYPE_REFUSED", 415,
                                   "Files of this type are not taken here"};
inline constexpr Code kQuotaExceeded{"QUOTA_EXCEEDED", 409,
                                     "There is no room left; delete what is not needed any more"};
inline constexpr Code kTooManyUploads{"TOO_MANY_UPLOADS", 429,
                                      "Let the uploads that are under way come to their end first"};
inline constexpr Code kTooManyDownloads{"TOO_MANY_DOWNLOADS", 429,
                                        "Let the files that are being fetched come first"};
inline constexpr Code kNotReady{"FILE_NOT_READY", 409,
                                "The file has not come whole yet, or is being looked at"};
inline constexpr Code kRefused{"FILE_REFUSED", 409, "The file was found to be harmful"};
inline constexpr Code kInUse{"FILE_IN_USE", 409, "Something has this file already"};
inline constexpr Code kLinkExpired{"LINK_EXPIRED", 403,
                                   "This link is no longer good; ask for a new one"};

inline constexpr Code kNotAPicture{"NOT_A_PICTURE", 415,
                                   "This is no whole picture (JPEG, PNG, WebP, GIF, HEIC or AVIF)"};
inline constexpr Code kPictureTooLarge{"PICTURE_TOO_LARGE", 422,
                                       "The picture has too many pixels; make it smaller first"};

inline constexpr std::array kCodes = {
    kTypeRefused, kQuotaExceeded, kTooManyUploads, kTooManyDownloads, kNotReady,
    kRefused,     kInUse,         kLinkExpired,    kNotAPicture,      kPictureTooLarge};

}  // namespace stoa::files
