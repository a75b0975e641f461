#pragma once
// SQL of accounts, as far as recovering them goes.
#include <stoa/core/ids.hpp>
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::recovery::store {

pg::Query<pg::Count> mark_verified(UserId user);
// And marks it verified. Throws Error{EMAIL_TAKEN}; the transaction has then failed.
void set_email(pg::Tx& tx, UserId user, const std::string& email);

// The person's codes, and what was sent to the address, while the account still has it.
void forget(pg::Tx& tx, UserId user);

}  // namespace stoa::recovery::store
