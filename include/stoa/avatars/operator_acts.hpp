#pragma once
// What an operator does to people's pictures of themselves, with its row in the audit log, in the caller's transaction.
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::avatars {

// The account shows none; its files are swept. `who`: an address, in any case of letters, or an id. Throws Error{not_found} where
// no account has it.
void delete_avatar(pg::Tx& tx, const std::string& who);

}  // namespace stoa::avatars
