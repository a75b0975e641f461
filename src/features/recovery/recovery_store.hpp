#pragma once
// SQL of accounts, as far as recovering them goes.
#include <stoa/core/ids.hpp>
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::recovery::store {

pg::Query<pg::Count> mark_verified(UserId user);
// And marks it verified. Throws Error{EMAIL_TAKEN}; the transaction has then failed.
void set_email(pg::Tx& tx, UserId user, const std::string& email);

// The person's codes. What was sent to the address stays for codes.per_target_window: whoever makes and deletes accounts with the address of
// somebody else has no more sent there for that.
void forget(pg::Tx& tx, UserId user);

}  // namespace stoa::recovery::store
