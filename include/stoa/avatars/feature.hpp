#pragma once
// People's pictures of themselves, as a feature of the server.
#include <stoa/module/feature.hpp>

namespace stoa::avatars {

Feature feature();

}  // namespace stoa::avatars
