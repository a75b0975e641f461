#pragma once
// The row of app/modules.cpp; see <stoa/module/feature.hpp>.
#include <stoa/module/feature.hpp>

namespace stoa::second_factor {

Feature feature();

}  // namespace stoa::second_factor
