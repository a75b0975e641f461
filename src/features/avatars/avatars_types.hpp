#pragma once
// What the routes of avatars take.
#include <stoa/avatars/avatars.hpp>
#include <stoa/core/binding.hpp>

namespace stoa::avatars {

// The form has nothing but its file.
struct NewAvatar {};
BOOST_DESCRIBE_STRUCT(NewAvatar, (), ())

enum class AvatarSize { small, large };
BOOST_DESCRIBE_ENUM(AvatarSize, small, large)

struct AvatarQuery {
  AvatarId id;
  Or<AvatarSize, AvatarSize::large> size;
};
BOOST_DESCRIBE_STRUCT(AvatarQuery, (), (id, size))

}  // namespace stoa::avatars
