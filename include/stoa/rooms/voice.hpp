#pragma once
// Whether somebody may write in a room, for what is kept of what he writes: asked in the transaction that keeps it, however long
// ago he was asked first. A transaction's work.
#include <stoa/core/ids.hpp>
#include <stoa/postgres/tx.hpp>

namespace stoa::rooms {

// A member who is not muted; he is neither muted nor removed until the transaction has ended. Throws Error{not_found |
// not_a_member | muted}.
void require_voice(pg::Tx& tx, RoomId room, UserId user);

}  // namespace stoa::rooms
