#include "infra/fetch/lane.hpp"

namespace stoa::fetch {
namespace {

constexpr std::array<const char*, kOutcomes> kOutcomeNames = {"ok", "client_error", "server_error",
                                                              "overloaded", "cancelled"};

const std::vector<double>& bounds() {
  static const std::vector<double> kBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                              1,     2.5,  5,     10,   30,  60};
  return kBounds;
}

}  // namespace

Lane::Lane(const Purpose& purpose, const config::Fetch& config, Metrics& metrics)
    : name(purpose.name),
      policy(purpose.hosts, config.hosts,
             purpose.may_go_inside ? std::optional(config.private_networks) : std::nullopt,
             config.refused_networks),
      connections(metrics.counter("stoa_fetch_connections_total",
                                  "Connections opened to other services", {{"purpose", name}})),
      bytes(metrics.counter("stoa_fetch_received_bytes_total", "Of answers of other services",
                            {{"purpose", name}})),
      seconds(metrics.histogram("stoa_fetch_seconds", "Time of calls, with their wait for a turn",
                                {{"purpose", name}}, bounds())) {
  const auto counter = [&](std::string_view outcome) {
    return &metrics.counter("stoa_fetch_calls_total", "Calls to other services, by how they ended",
                            {{"purpose", name}, {"outcome", std::string(outcome)}});
  };
  for (std::size_t i = 0; i < kOutcomes; ++i) outcomes[i] = counter(kOutcomeNames[i]);
  for (std::size_t i = 0; i < kReasons; ++i) reasons[i] = counter(name_of(static_cast<Reason>(i)));
  metrics.observe("stoa_fetch_queue", "Calls that wait for a turn",
                  [this] { return static_cast<double>(queued.load()); }, {{"purpose", name}});
  metrics.observe("stoa_fetch_running", "Calls under way",
                  [this] { return static_cast<double>(running.load()); }, {{"purpose", name}});
}

}  // namespace stoa::fetch
