#pragma once
// What the routes of avatars take.
#include <stoa/avatars/avatars.hpp>
#include <stoa/core/binding.hpp>

namespace stoa::avatars {

// The form has nothing but its file.
struct NewAvatar {};
BOOST_DESCRIBE_STRUCT(NewAvatar, (), ())

}  // namespace stoa::avatars
