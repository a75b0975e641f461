#pragma once
// What an operator does to notes, with its row in the audit log, in the caller's transaction.
#include <stoa/postgres/tx.hpp>

#include <string>

namespace stoa::notes {

// Whosever it is; its files are swept. Throws Error{not_found} where no note has that id.
void delete_note(pg::Tx& tx, const std::string& id);

}  // namespace stoa::notes
