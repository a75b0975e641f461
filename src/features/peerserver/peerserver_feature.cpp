// What peerserver is to the server.
#include <stoa/auth/socket_gate.hpp>
#include <stoa/peerserver/feature.hpp>
#include <stoa/peerserver/peerserver.hpp>
#include <stoa/peerserver/peerserver_config.hpp>
#include <stoa/realtime/endpoint.hpp>

namespace stoa::peerserver {
namespace {

// With an endpoint of its own, since its clients speak other words than those of the study-rooms.
struct Parts {
  Parts(const Platform& on, const PeerServerConfig& config)
      : server(on.runtime, on.hub, on.roster, on.services.need<auth::SocketGate>(), config,
               on.config.realtime),
        endpoint(on.gateway, realtime::Registry({peerserver_events(server)}), {&server}, true,
                 realtime::Pace{config.messages_per_second, config.messages_burst}) {}

  PeerServer server;
  realtime::Endpoint endpoint;
};

void bind(Metrics& metrics, const PeerServer& server) {
  metrics.observe("stoa_peerserver_ids", "PeerJS ids that are connected",
                  [&server] { return static_cast<double>(server.connected()); });
  metrics.observe("stoa_peerserver_waiting_messages", "Messages to ids that nobody has",
                  [&server] { return static_cast<double>(server.waiting_messages()); });
  metrics.observe("stoa_peerserver_waiting_bytes", "What those messages take",
                  [&server] { return static_cast<double>(server.waiting_bytes()); });
}

}  // namespace

Feature feature() {
  return {
      .name = "peerserver",
      .sections = {config::section<PeerServerConfig, &check>("peerserver")},
      .make =
          [](const Platform& on) {
            auto parts = std::make_shared<Parts>(on, on.config.section<PeerServerConfig>());
            const auto upgrade =
                realtime::peerserver_upgrade(on.gateway, parts->endpoint, parts->server);
            Module module;
            module.routes = peerserver_routes(parts->server);
            for (const auto& path : parts->server.paths().sockets) {
              module.upgrades.emplace_back(path, upgrade);
            }
            module.metrics = [&server = parts->server](Metrics& metrics) { bind(metrics, server); };
            module.keep = std::move(parts);
            return module;
          },
  };
}

}  // namespace stoa::peerserver
