#pragma once
// `stoa files`: whether files and their rows belong together. As in commands.hpp.
#include <stoa/core/config.hpp>

namespace stoa::app {

// 1 where something is wrong and was not mended.
int check_files(const Config& config, bool mends);

}  // namespace stoa::app
