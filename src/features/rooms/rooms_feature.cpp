// What rooms is to the server.
#include "features/rooms/rooms_store.hpp"

#include <stoa/auth/entrance.hpp>
#include <stoa/rooms/feature.hpp>
#include <stoa/rooms/rooms.hpp>
#include <stoa/rooms/rooms_codes.hpp>
#include <stoa/rooms/rooms_config.hpp>
#include <stoa/rooms/rooms_topic.hpp>

namespace stoa::rooms {

Feature feature() {
  return {
      .name = "rooms",
      .sections = {config::section<RoomsConfig, &check>("rooms")},
      .codes = {kCodes.begin(), kCodes.end()},
      .topics = {&kRoomTopic},
      .make =
          [](const Platform& on) {
            const files::Emblems::Parts logos{
                on.db, on.services.need<files::Files>(), on.services.need<auth::Entrance>(),
                on.services.need<pictures::Studio>(), on.config.section<files::PicturesConfig>()};
            auto rooms = std::make_shared<Rooms>(logos, on.hub, on.roster, on.runtime, on.config);
            on.services.offer<Membership>(*rooms);
            Module module;
            module.routes = rooms_routes(*rooms);
            module.sends = rooms_sends();
            module.chores = {{"lapsed_mutes", &store::delete_lapsed_mutes}};
            module.leaving.afterwards = [rooms](pg::Tx& tx, const Caller& who) {
              return rooms->leave_next(tx, who);
            };
            module.exports = {people::lines<store::MembershipRow, &store::export_memberships,
                                            &store::MembershipRow::room_id>(on.db, "rooms.jsonl"),
                              people::lines<store::BanOfPerson, &store::export_bans,
                                            &store::BanOfPerson::room_id>(on.db, "bans.jsonl")};
            module.observer = rooms.get();
            module.keep = std::move(rooms);
            return module;
          },
  };
}

}  // namespace stoa::rooms
