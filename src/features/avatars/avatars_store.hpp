#pragma once
// Avatars in the tables of files and users: SQL and nothing else.
#include <stoa/avatars/avatars.hpp>
#include <stoa/postgres/query.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::avatars::store {

// They are the avatar's from now on. How many were free to be.
pg::Query<pg::Count> hold(const std::vector<files::FileId>& ids, AvatarId avatar);
// All others of that person are swept.
pg::Query<pg::Count> drop_others(UserId owner, std::optional<AvatarId> but);
pg::Query<users::User> set_picture(UserId user, const std::optional<std::string>& url);
// The file of an avatar that is called so.
pg::Query<std::optional<files::FileId>> find_file(AvatarId avatar, std::string_view name);

}  // namespace stoa::avatars::store
