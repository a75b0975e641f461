#pragma once
// The version that CMake built, as `stoa version`, the API documents and /api/health show it.
#include <string_view>

namespace stoa::app {

inline constexpr std::string_view kVersion = STOA_VERSION;

}  // namespace stoa::app
