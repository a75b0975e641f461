#pragma once
// The features of the server.
#include <stoa/module/feature.hpp>

#include <vector>

namespace stoa::app {

// In the order in which they need one another.
std::vector<Feature> all_features();

}  // namespace stoa::app
