// What groups is to the server.
#include "features/groups/groups_codes.hpp"

#include <stoa/groups/feature.hpp>
#include <stoa/groups/groups.hpp>
#include <stoa/groups/groups_config.hpp>

namespace stoa::groups {

Feature feature() {
  return {
      .name = "groups",
      .sections = {config::section<GroupsConfig, &check>("groups")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto groups =
                std::make_shared<Groups>(on.hub, on.roster, on.config.section<GroupsConfig>());
            on.services.offer(*groups);
            Module module;
            module.routes = groups_routes(*groups);
            module.events = groups_events(*groups);
            module.sends = groups_sends();
            module.observer = groups.get();
            module.keep = std::move(groups);
            return module;
          },
  };
}

}  // namespace stoa::groups
