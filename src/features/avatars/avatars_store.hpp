#pragma once
// Avatars in the tables of users and files: SQL and nothing else.
#include <stoa/avatars/avatars.hpp>
#include <stoa/postgres/query.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace stoa::avatars::store {

pg::Query<users::User> set_picture(UserId user, const std::optional<std::string>& url);
// The file of an avatar that is called so.
pg::Query<std::optional<files::FileId>> find_file(AvatarId avatar, std::string_view name);

}  // namespace stoa::avatars::store
