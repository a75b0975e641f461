// What calls is to the server.
#include "features/calls/calls_codes.hpp"

#include <stoa/calls/calls.hpp>
#include <stoa/calls/calls_config.hpp>
#include <stoa/calls/feature.hpp>
#include <stoa/rooms/membership.hpp>

namespace stoa::calls {

namespace {

void bind(Metrics& metrics, const Calls& calls) {
  metrics.observe("stoa_calls", "Calls that somebody is in",
                  [&calls] { return static_cast<double>(calls.active_calls()); });
  metrics.observe("stoa_call_peers", "Seats taken in them",
                  [&calls] { return static_cast<double>(calls.active_peers()); });
}

}  // namespace

Feature feature() {
  return {
      .name = "calls",
      .sections = {config::section<CallsConfig, &check>("calls"),
                   config::section<PeerNetConfig, &check>("peernet"),
                   config::section<TurnConfig, &check>("turn")},
      .codes = {kCodes.begin(), kCodes.end()},
      .make =
          [](const Platform& on) {
            auto calls = std::make_shared<Calls>(
                Calls::Parts{on.runtime, on.hub, on.roster, on.services.need<rooms::Membership>(),
                             on.services.need<auth::SessionGate>()},
                on.config.section<CallsConfig>(), on.config.section<PeerNetConfig>(),
                on.config.section<TurnConfig>());
            Module module;
            module.routes = calls_routes(*calls);
            module.events = calls_events(*calls);
            module.sends = calls_sends();
            module.observer = calls.get();
            module.metrics = [calls = calls.get()](Metrics& metrics) { bind(metrics, *calls); };
            module.keep = std::move(calls);
            return module;
          },
  };
}

}  // namespace stoa::calls
