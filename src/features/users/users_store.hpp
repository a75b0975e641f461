#pragma once
// SQL of people's accounts, beside what other features use (stoa/users/users.hpp).
#include "features/users/users_types.hpp"

#include <stoa/postgres/tx.hpp>
#include <stoa/users/users.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::users::store {

// None where that one has blocked the viewer.
pg::Query<Profile> get_profile(UserId viewer, UserId id);
// People whom the viewer may find, by age of the account, the newest first: at most `limit` of those that are older than `before`
// and whose name or username contains `part`, if given: then it may read everybody's, and the viewer waits for his turn.
pg::Query<std::vector<Profile>> list_profiles(UserId viewer, const std::optional<std::string>& part,
                                              const std::optional<UserId>& before, int limit);
// Throws Error{not_found | username_taken}.
User update_user(pg::Tx& tx, UserId id, const ProfileChanges& changes);
pg::Query<std::vector<WholeAccount>> export_account(UserId id);
// All that the database knows, which will reckon with them. It reads a file for each.
pg::Query<std::vector<std::string>> list_time_zones();

}  // namespace stoa::users::store
