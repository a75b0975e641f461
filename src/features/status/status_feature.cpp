// What status is to the server.
#include <stoa/groups/groups.hpp>
#include <stoa/rooms/rooms_place.hpp>
#include <stoa/status/feature.hpp>
#include <stoa/status/status.hpp>

namespace stoa::status {

Feature feature() {
  return {
      .name = "status",
      .make =
          [](const Platform& on) {
            auto live = [&groups = on.services.need<groups::Groups>(), &roster = on.roster,
                         &gateway = on.gateway] {
              const auto present = roster.totals(rooms::kRoomPlace);
              return LiveFigures{.groups = present.places + groups.count(),
                                 .people = present.users + groups.people(),
                                 .connections = gateway.sessions()};
            };
            auto status = std::make_shared<Status>(on.db, on.config.server.name,
                                                   std::string(on.version), std::move(live));
            Module module;
            module.routes = status_routes(*status);
            module.events = status_events(*status);
            module.keep = std::move(status);
            return module;
          },
  };
}

}  // namespace stoa::status
