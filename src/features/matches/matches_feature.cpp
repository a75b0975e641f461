// What matches is to the server.
#include <stoa/matches/feature.hpp>
#include <stoa/matches/matches.hpp>

namespace stoa::matches {

Feature feature() {
  return {
      .name = "matches",
      .sections = {config::section<MatchesConfig, &check>("matches")},
      .make =
          [](const Platform& on) {
            auto matches = std::make_shared<Matches>(on.db, on.services.need<rooms::Membership>(),
                                                     on.config.section<MatchesConfig>());
            Module module;
            module.routes = matches_routes(*matches);
            module.keep = std::move(matches);
            return module;
          },
  };
}

}  // namespace stoa::matches
