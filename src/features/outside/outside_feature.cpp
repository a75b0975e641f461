// What identities from outside are to the server.
#include "features/outside/outside_codes.hpp"
#include "features/outside/outside_store.hpp"

#include <stoa/auth/session_gate.hpp>
#include <stoa/outside/feature.hpp>
#include <stoa/outside/outside.hpp>

#include <vector>

namespace stoa::outside {
namespace {

// Its own, and what providers say through it.
std::vector<Code> codes() {
  std::vector<Code> all(kCodes.begin(), kCodes.end());
  all.push_back(oidc::kProviderUnavailable);
  return all;
}

}  // namespace

Feature feature() {
  return {
      .name = "outside",
      .sections = {config::section<OidcConfig, &check>("oidc")},
      .codes = codes(),
      .make =
          [](const Platform& on) {
            auto& entrance = on.services.need<auth::Entrance>();
            auto outside = std::make_shared<Outside>(
                Outside::Parts{on.db, entrance, on.limiter, on.runtime, on.fetch,
                               on.services.need<mail::Mailer>()},
                on.config.section<OidcConfig>());
            entrance.watch(*outside);
            if (outside->takes_direct()) on.services.need<auth::SessionGate>().take(*outside);
            Module module;
            module.routes = outside_routes(*outside);
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              tx.run(store::remember_left(who.user));
              tx.run(store::delete_identities(who.user));
            };
            const auto kept = on.config.section<OidcConfig>().left_kept;
            module.chores = {{"left_identities", [kept](pg::Tx& tx, int most) {
                                return store::delete_left(tx, kept, most);
                              }}};
            module.exports = {
                people::lines<IdentityRow, &store::list_identities>(on.db, "identities.jsonl")};
            module.metrics = [&outside = *outside](Metrics& metrics) { outside.bind(metrics); };
            module.check = [&outside = *outside] { outside.prepare(); };
            module.stop = [&outside = *outside] { outside.stop(); };
            module.keep = std::move(outside);
            return module;
          },
  };
}

}  // namespace stoa::outside
