#include "features/rooms/rooms_audit.hpp"
#include "features/rooms/rooms_rules.hpp"
#include "features/rooms/rooms_store.hpp"

#include <stoa/core/error.hpp>
#include <stoa/rooms/operator_acts.hpp>

#include <utility>

namespace stoa::rooms {

void delete_logo(pg::Tx& tx, const std::string& text) {
  const auto id = RoomId::parse(text);
  if (!id || !tx.run(store::find_room(*id))) {
    throw Error(Code::not_found, "no open room has the id " + text);
  }
  RoomView room = tx.run(store::lock_room(*id));
  if (!room.logo_url) return;
  const LogoState before{std::exchange(room.logo_url, std::nullopt)};
  drop_logo(tx, room);
  store::update_room(tx, room);
  audit::write(tx, audit::Actor::the_operator(), kDeleteLogo, {{"room", *id}}, before, LogoState{});
}

}  // namespace stoa::rooms
