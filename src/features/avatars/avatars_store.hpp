#pragma once
// What an account shows as its avatar: SQL and nothing else.
#include <stoa/core/ids.hpp>
#include <stoa/postgres/query.hpp>

#include <optional>
#include <string>

namespace stoa::avatars::store {

// The address that the profile shows, where it shows one.
pg::Query<std::optional<std::string>> find_picture(UserId user);

}  // namespace stoa::avatars::store
