#pragma once
// What files call the pictures that rooms show, and where they are given out.
#include <stoa/files/files.hpp>

#include <string_view>

namespace stoa::rooms {

inline constexpr files::Kind kLogoFile{"logo", files::In::room};
inline constexpr std::string_view kLogoPath = "/api/logos/";

}  // namespace stoa::rooms
