#include "features/rooms/rooms_rules.hpp"

#include <stoa/rooms/voice.hpp>
#include <stoa/rooms/who_may.hpp>

namespace stoa::rooms {

void require_voice(pg::Tx& tx, RoomId room, UserId user) {
  auto member = tx.run(store::hold_member(room, user));
  if (!member) member = require_role(tx.run(store::find_standing(room, user)), RoomRole::member);
  require_voice(member->muted_until);
}

}  // namespace stoa::rooms
