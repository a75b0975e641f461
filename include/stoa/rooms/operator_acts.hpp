#pragma once
// What an operator does to rooms, with its row in the audit log, in the caller's transaction.
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::rooms {

// The room shows none; a file of it is swept. Throws Error{not_found} where no open room has that id.
void delete_logo(pg::Tx& tx, const std::string& room);

}  // namespace stoa::rooms
