#pragma once
// The row of app/modules.cpp; see <stoa/module/feature.hpp>.
#include <stoa/module/feature.hpp>

namespace stoa::account {

Feature feature();

}  // namespace stoa::account
