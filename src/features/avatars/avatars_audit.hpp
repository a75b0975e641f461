#pragma once
// What the audit log has of avatars: that the operator took one away. Plain described values.
#include <stoa/audit/audit.hpp>

#include <optional>
#include <string>

namespace stoa::avatars {

inline constexpr audit::Action kDeleteAvatar{"avatars.delete"};

struct PictureState {
  std::optional<std::string> profile_picture_url;
};
BOOST_DESCRIBE_STRUCT(PictureState, (), (profile_picture_url))

}  // namespace stoa::avatars
