#include "app/application.hpp"

#include "app/database_options.hpp"
#include "app/documents.hpp"
#include "app/features.hpp"
#include "app/housekeeping.hpp"
#include "app/idempotency_store.hpp"
#include "app/metrics_bindings.hpp"
#include "app/version.hpp"

#include <stoa/auth/session_gate.hpp>
#include <stoa/auth/socket_gate.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/worker_pool.hpp>
#include <stoa/http/server.hpp>
#include <stoa/http/service.hpp>
#include <stoa/identity/access_tokens.hpp>
#include <stoa/identity/passwords.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/migrator.hpp>
#include <stoa/realtime/asyncapi.hpp>
#include <stoa/realtime/gateway.hpp>
#include <stoa/realtime/native.hpp>
#include <stoa/realtime/presence.hpp>
#include <stoa/realtime/socketio.hpp>
#include <stoa/socketio/socketio_door.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <optional>

#include <stoa_socketio_client.hpp>
#include <stoa_web_app.hpp>
#include <stoa_web_docs.hpp>

namespace stoa::app {

using Upgrades = std::vector<std::pair<std::string, net::UpgradeHandler>>;

// In the order of construction; what stands below may use what stands above.
struct Application::Parts {
  explicit Parts(const Config& c);

  Features features() {
    return {status, auth, users, rooms, chat, calls, whiteboard, groups, peerserver};
  }
  Upgrades upgrades();
  status::LiveFigures live() const;
  std::string missing() const;

  const Config& config;
  Metrics metrics;
  std::atomic<bool> draining{false};

  pg::Database db;
  WorkerPool hashing;
  identity::Passwords passwords;
  identity::AccessTokens tokens;
  net::Runtime runtime;
  auth::SessionGate gate;
  auth::SocketGate socket_gate;
  realtime::Gateway gateway;
  std::unique_ptr<realtime::Presence> presence;

  status::Status status;
  auth::Auth auth;
  users::Users users;
  rooms::Rooms rooms;
  chat::Chat chat;
  calls::Calls calls;
  whiteboard::Whiteboard whiteboard;
  groups::Groups groups;
  peerserver::PeerServer peerserver;

  realtime::Endpoint study_rooms;
  realtime::Endpoint peers;
  realtime::SocketIo socketio;
  socketio::PollingDoor polling;
  Documents documents;
  http::Service service;
  std::vector<http::Routes> routes;
  PgIdempotencyStore idempotency;
  http::Server server;
};

Application::Parts::Parts(const Config& c)
    : config(c),
      db(database_options(c.database)),
      hashing(c.auth.bcrypt_threads, c.auth.bcrypt_queue),
      passwords(c.auth.bcrypt_cost),
      tokens(c.auth),
      runtime(c.server.shards),
      gate(db, tokens, c.auth),
      socket_gate(db, gate),
      gateway(runtime, c, socket_gate),
      presence(realtime::make_local_presence()),
      status(db, std::string(kVersion), [this] { return live(); }),
      auth({db, hashing, gateway.hub(), gate, tokens, passwords}, c.auth),
      users(db),
      rooms(db, gateway.hub(), *presence, runtime, c.rooms),
      chat(db, gateway.hub(), rooms, c.chat),
      calls(gateway.hub(), rooms, c.calls, c.turn),
      whiteboard(db, gateway.hub(), rooms, c.whiteboard, c.realtime),
      groups(gateway.hub(), c.groups),
      peerserver(runtime, gateway.hub(), socket_gate, c),
      study_rooms(gateway, realtime::Registry(all_events(features())), all_observers(features()),
                  c.realtime.guests),
      peers(gateway, realtime::Registry({peerserver::peerserver_events(peerserver)}), {&peerserver},
            true, realtime::Pace{c.peerserver.messages_per_second, c.peerserver.messages_burst}),
      socketio(gateway, study_rooms, c.socketio),
      polling(
          c.socketio.path,
          [this](realtime::PollRequest request) { return socketio.serve(std::move(request)); },
          stoa_socketio_client()),
      documents(dump_json(
          realtime::asyncapi({c.server.name, std::string(kVersion), c.server.public_url, "/ws"},
                             study_rooms.registry(), all_sends()))),
      service(c, metrics, [this] { return missing(); }),
      routes(all_routes(features())),
      idempotency(db),
      server(runtime, c,
             [this] {
               routes.push_back(polling.routes());
               routes.push_back(document_routes(documents));
               routes.push_back(service.routes(routes));
               return http::Router(routes);
             }(),
             gate, metrics,
             {.upgrades = upgrades(),
              .assets = {stoa_web_app(), stoa_web_docs(), polling.files()},
              .idempotency = &idempotency}) {
  bind_database(metrics, db);
  bind_workers(metrics, hashing, "passwords");
  bind_runtime(metrics, runtime);
  bind_realtime(metrics, gateway);
  bind_peerserver(metrics, peerserver);
  bind_whiteboard(metrics, whiteboard);
}

// Which path speaks which protocol.
Upgrades Application::Parts::upgrades() {
  const auto native = realtime::native_upgrade(gateway, study_rooms);
  const auto socket_io = socketio.upgrade_handler();
  Upgrades all = {{"/ws", native},
                  {"/", native},
                  {config.socketio.path, socket_io},
                  {config.socketio.path + "/", socket_io}};
  const auto peer = realtime::peerserver_upgrade(gateway, peers, peerserver);
  for (const auto& path : peerserver.paths().sockets) all.emplace_back(path, peer);
  return all;
}

status::LiveFigures Application::Parts::live() const {
  const auto present = presence->totals();
  return {.groups = present.rooms + groups.count(),
          .people = present.people + groups.people(),
          .connections = gateway.sessions()};
}

std::string Application::Parts::missing() const {
  if (draining.load(std::memory_order_relaxed)) return "draining";
  return db.healthy() ? "" : "database";
}

Application::Application(const Config& config) : parts_(std::make_unique<Parts>(config)) {}
Application::~Application() = default;

const std::string& Application::openapi() const {
  return parts_->service.openapi();
}
const std::string& Application::asyncapi() const {
  return parts_->documents.asyncapi();
}

void Application::serve(Signals& signals) {
  Parts& p = *parts_;
  for (const auto& name : pg::migrate(p.db)) log::info("migrated", {{"migration", name}});

  p.runtime.start();
  p.gateway.start();
  p.server.start();
  Housekeeping housekeeping(p.db);
  log::info("ready", {{"version", kVersion}, {"shards", p.runtime.size()}});

  const std::string signal = signals.wait([&p] { p.server.reload_certificates(); });
  log::info("stopping", {{"signal", signal}});
  // First out of the load balancer's sight, then the sockets are asked to go elsewhere while HTTP still
  // answers, then HTTP. What was acknowledged is committed already; what is under way gets its answer.
  const auto grace = p.config.server.shutdown_grace;
  p.draining.store(true, std::memory_order_relaxed);
  p.gateway.drain();
  if (!p.gateway.wait_until_empty(grace))
    log::warn("sockets_cut", {{"count", p.gateway.sessions()}});
  if (!p.server.drain(grace / 4)) log::warn("requests_cut");
  p.server.stop();
  p.hashing.stop();  // what waits is refused while its shards still run
  p.runtime.stop();
  p.db.stop();
  log::info("stopped");
}

}  // namespace stoa::app
