// What second_factor is to the server.
#include "features/second_factor/second_factor_codes.hpp"
#include "features/second_factor/second_factor_store.hpp"

#include <stoa/second_factor/feature.hpp>
#include <stoa/second_factor/second_factor_config.hpp>
#include <stoa/second_factor/second_factors.hpp>

namespace stoa::second_factor {

Feature feature() {
  return {
      .name = "second_factor",
      .sections = {config::section<SecondFactorConfig, &check>("second_factor")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto& entrance = on.services.need<auth::Entrance>();
            auto factors = std::make_shared<SecondFactors>(
                on.db, entrance, on.services.need<mail::Mailer>(), on.limiter, on.config);
            entrance.ask(*factors);
            Module module;
            module.routes = second_factor_routes(*factors);
            module.leaving.at_once = [](pg::Tx& tx, const Caller& who) {
              tx.run(store::remove(who.user));
              tx.run(store::forget_enrolment(who.user));
            };
            module.exports = {people::lines<store::FactorRow, &store::export_factor>(
                on.db, "second_factor.jsonl")};
            module.metrics = [factors](Metrics& metrics) { factors->bind(metrics); };
            module.check = [factors] { factors->check_keys(); };
            module.keep = factors;
            return module;
          },
  };
}

}  // namespace stoa::second_factor
