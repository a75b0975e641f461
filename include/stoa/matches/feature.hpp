#pragma once
// The row of app/modules.cpp; see <stoa/module/feature.hpp>.
#include <stoa/module/feature.hpp>

namespace stoa::matches {

Feature feature();

}  // namespace stoa::matches
