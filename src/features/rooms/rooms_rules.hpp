#pragma once
// The parts of the rules that run inside a transaction, and the cursors of the lists. Plain functions,
// on a database thread; they throw Error and do nothing but to the database.
#include "features/rooms/rooms_store.hpp"
#include "features/rooms/rooms_types.hpp"

#include <stoa/core/caller.hpp>
#include <stoa/postgres/tx.hpp>

#include <optional>
#include <string>
#include <utility>

namespace stoa::rooms {

// The user's row in the room when it ranks at least `lowest`. Error{not_found} for strangers of a
// private room, Error{not_a_member} for those of a public one (rooms::outside), Error{forbidden} for too low a role.
store::MemberRow require_role(pg::Tx& tx, const RoomView& room, UserId user, RoomRole lowest);
// The same by what store::find_standing() found; Error{not_found} too where there is no room.
store::MemberRow require_role(std::optional<store::Standing> standing, RoomRole lowest);

// Error{conflict} when more are in the room than the new limit.
void apply(const UpdateRoom& request, RoomView& room);

// Of a room that was changed: its picture goes, unless the room's address is of that one still.
void drop_logo(pg::Tx& tx, const RoomView& room);

struct Joined {
  RoomEntry entry;
  bool is_new = false;
};
// Ban, invite and limit are checked under the room's lock.
Joined join_room(pg::Tx& tx, RoomId id, UserId user, const std::optional<std::string>& code,
                 std::size_t most_memberships);

struct Left {
  std::optional<Error> refused;    // nothing was changed: no member, perhaps since a moment ago
  bool closed = false;             // nobody was left
  std::optional<RoomMember> heir;  // who owns the room now
};
Left leave_room(pg::Tx& tx, RoomId id, const Caller& caller);

// Closes it, for the audit log too.
void close_room(pg::Tx& tx, const RoomView& room, const Caller& caller);

// 80 bits of a CSPRNG as 16 characters that are not easily mistaken for one another.
std::string make_invite_code();

// What the room is told of a member that was changed.
MemberUpdated updated(RoomId room, const RoomMember& member);

}  // namespace stoa::rooms
