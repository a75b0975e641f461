#pragma once
// SQL of blocks between people.
#include "features/users/users_types.hpp"

#include <stoa/postgres/tx.hpp>

#include <optional>
#include <tuple>
#include <vector>

namespace stoa::users::store {

// Holds the person's row.
int count_other_blocks(pg::Tx& tx, UserId user, UserId but);
// Of people who are there, or were.
pg::Query<pg::Count> insert_block(UserId user, UserId blocked);
pg::Query<Blocked> get_block(UserId user, UserId blocked);
pg::Query<pg::Count> delete_block(UserId user, UserId blocked);
// Of the person. Those of others against him stay, without a name, as if he had blocked them.
pg::Query<pg::Count> delete_blocks(UserId user);
// By the blocked one's id, the newest account first.
pg::Query<std::vector<Blocked>> list_blocks(UserId user,
                                            const std::optional<std::tuple<UserId>>& before,
                                            int limit);

}  // namespace stoa::users::store
