// The pictures that stand for rooms.
#include "features/rooms/rooms_rules.hpp"
#include "features/rooms/rooms_store.hpp"

#include <stoa/rooms/rooms.hpp>
#include <stoa/rooms/rooms_topic.hpp>

#include <utility>

namespace stoa::rooms {

Task<RoomView> Rooms::set_logo(Caller caller, NewLogo fields, http::FormFile file) {
  // Before any of the picture is read; what is so until the commit is asked again.
  auto standing = co_await db_.run(store::find_standing(fields.id, caller.user));
  require_role(std::move(standing), RoomRole::owner);
  auto logo = co_await logos_.bring(std::move(caller), fields.id, std::move(file));
  auto work = [this, user = logo.by.user, id = fields.id, url = logos_.address_of(logo.id)](
                  pg::Tx& tx) { return change_logo(tx, user, id, url); };
  auto room = co_await logos_.keep(std::move(logo), std::move(work));
  co_return room;
}

Task<RoomView> Rooms::remove_logo(Caller caller, RoomPath path) {
  auto work = [this, user = caller.user, id = path.id](pg::Tx& tx) {
    return change_logo(tx, user, id, std::nullopt);
  };
  auto room = co_await db_.transaction(std::move(work));
  co_return room;
}

Task<http::Download> Rooms::show_logo(Client client, files::EmblemQuery query) {
  auto picture = co_await logos_.show(std::move(client), query);
  co_return picture;
}

RoomView Rooms::change_logo(pg::Tx& tx, UserId user, RoomId id,
                            std::optional<std::string> url) const {
  RoomView room = tx.run(store::lock_room(id));
  require_role(tx, room, user, RoomRole::owner);
  room.logo_url = std::move(url);
  if (!room.logo_url) drop_logo(tx, room);
  room = store::update_room(tx, room);
  with_presence(room);
  hub_.tell(tx, topic_of(id), kRoomUpdated, RoomUpdated{id, room});
  return room;
}

}  // namespace stoa::rooms
