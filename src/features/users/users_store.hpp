#pragma once
// SQL of people's accounts, beside the functions that other features use (stoa/users/users.hpp).
#include "features/users/users_types.hpp"

#include <stoa/postgres/tx.hpp>
#include <stoa/users/users.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::users {

// Throws Error{not_found}.
Profile get_profile(pg::Tx& tx, UserId id);
// People by age of the account, the newest first: at most `limit` of those that are older than `before` and
// whose name or username contains `part`, if given.
std::vector<Profile> list_profiles(pg::Tx& tx, const std::optional<std::string>& part,
                                   const std::optional<UserId>& before, int limit);
// Throws Error{not_found | username_taken}.
User update_user(pg::Tx& tx, UserId id, const ProfileChanges& changes);
// Whether the database, which will reckon with it, knows the zone.
bool has_time_zone(pg::Tx& tx, std::string_view name);

}  // namespace stoa::users
