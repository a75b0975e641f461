#pragma once
// The row of app/modules.cpp; see <stoa/module/feature.hpp>.
#include <stoa/module/feature.hpp>

namespace stoa::files {

Feature feature();

}  // namespace stoa::files
