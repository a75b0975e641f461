#pragma once
// SQL of accounts, as far as recovering them goes.
#include <stoa/core/ids.hpp>
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::recovery::store {

pg::Query<pg::Count> mark_verified(UserId user);
// And marks it verified. Throws Error{EMAIL_TAKEN}; the transaction has then failed.
void set_email(pg::Tx& tx, UserId user, const std::string& email);

}  // namespace stoa::recovery::store
