#pragma once
// Avatars in the table of files: SQL and nothing else.
#include <stoa/avatars/avatars.hpp>
#include <stoa/postgres/query.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace stoa::avatars::store {

// The file of an avatar that is called so.
pg::Query<std::optional<files::FileId>> find_file(AvatarId avatar, std::string_view name);
// The address that the profile shows, where it shows one.
pg::Query<std::optional<std::string>> find_picture(UserId user);

}  // namespace stoa::avatars::store
