// What status is to the server.
#include <stoa/groups/groups.hpp>
#include <stoa/status/feature.hpp>
#include <stoa/status/status.hpp>

namespace stoa::status {

Feature feature() {
  return {
      .name = "status",
      .make =
          [](const Platform& on) {
            auto live = [&groups = on.services.need<groups::Groups>(), &presence = on.presence,
                         &gateway = on.gateway] {
              const auto present = presence.totals();
              return LiveFigures{.groups = present.rooms + groups.count(),
                                 .people = present.people + groups.people(),
                                 .connections = gateway.sessions()};
            };
            auto status = std::make_shared<Status>(on.db, std::string(on.version), std::move(live));
            Module module;
            module.routes = status_routes(*status);
            module.keep = std::move(status);
            return module;
          },
  };
}

}  // namespace stoa::status
