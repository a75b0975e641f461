#include "app/application.hpp"

#include "app/database_options.hpp"
#include "app/documents.hpp"
#include "app/metrics_bindings.hpp"
#include "app/modules.hpp"
#include "app/other_servers.hpp"
#include "app/version.hpp"

#include <stoa/audit/reading.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/mongo_ids.hpp>
#include <stoa/disk/disk.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/http/server.hpp>
#include <stoa/http/service.hpp>
#include <stoa/jobs/queue.hpp>
#include <stoa/module/assembly.hpp>
#include <stoa/module/once.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/migrator.hpp>
#include <stoa/realtime/asyncapi.hpp>
#include <stoa/realtime/endpoint.hpp>
#include <stoa/realtime/gateway.hpp>
#include <stoa/realtime/native.hpp>
#include <stoa/realtime/roster.hpp>
#include <stoa/realtime/socketio.hpp>
#include <stoa/socketio/socketio_door.hpp>
#include <stoa/storage/engines.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>

#include <stoa_socketio_client.hpp>
#include <stoa_web_app.hpp>
#include <stoa_web_docs.hpp>

namespace stoa::app {

namespace {

pg::DatabaseOptions options_of(const Config& config) {
  auto options = database_options(config.database);
  options.instance = make_instance();
  return options;
}

}  // namespace

// In the order of construction; what stands below may use what stands above.
struct Application::Parts {
  explicit Parts(const Config& c);

  std::vector<http::Routes> tables();
  Upgrades upgrades();
  std::optional<Code> missing() const;

  const Config& config;
  Metrics metrics;
  std::atomic<bool> draining{false};

  pg::Database db;
  OtherServers others;
  net::Runtime runtime;
  fetch::Fetcher fetch;
  disk::Disk disk;
  std::unique_ptr<storage::Storage> storage;
  jobs::Queue jobs;
  net::RateLimiter limiter;
  realtime::Gateway gateway;
  std::unique_ptr<realtime::Roster> roster;
  Assembly features;

  realtime::Endpoint study_rooms;
  realtime::SocketIo socketio;
  socketio::PollingDoor polling;
  Documents documents;
  http::Service service;
  http::Server server;
};

Application::Parts::Parts(const Config& c)
    : config(c),
      db(options_of(c)),
      others(db),
      runtime(c.server.shards, c.server.max_waiting_bytes),
      fetch(c.fetch, metrics),
      disk(c.disk, metrics),
      storage(storage::make(c, disk, fetch, runtime)),
      jobs(db, runtime, c.jobs),
      limiter(c.rate_limits),
      gateway(runtime, c, limiter),
      roster(realtime::make_local_roster()),
      features(all_features(),
               {c, kVersion, db, jobs, fetch, disk, *storage, runtime, gateway, *roster, limiter}),
      study_rooms(gateway, realtime::Registry(features.events()), features.observers(),
                  c.realtime.guests),
      socketio(gateway, study_rooms, c.socketio),
      polling(
          c.socketio.path, c.socketio.max_payload_bytes,
          [this](realtime::PollRequest request) { return socketio.serve(std::move(request)); },
          stoa_socketio_client()),
      documents(dump_json(
          realtime::asyncapi({c.server.name, std::string(kVersion), c.server.public_url, "/ws"},
                             study_rooms.registry(), features.sends(), features.codes()))),
      service(c, metrics, [this] { return missing(); }),
      server(
          runtime, c, limiter, http::Router(tables()), features.authenticator(), metrics,
          {.upgrades = upgrades(), .assets = {stoa_web_app(), stoa_web_docs(), polling.files()}}) {
  features.add_jobs(jobs);
  jobs.add(jobs::Chores{{"idempotency_keys", &delete_old_keys},
                        {"audit_entries", [retention = c.audit.retention](pg::Tx& tx, int most) {
                           return audit::delete_old_entries(tx, retention, most);
                         }}});
  bind_log(metrics);
  bind_database(metrics, db);
  metrics.observe("stoa_other_servers", "Servers that work on the same database beside this one",
                  [this] { return static_cast<double>(others.count()); });
  bind_jobs(metrics, jobs);
  bind_runtime(metrics, runtime);
  bind_realtime(metrics, gateway);
  features.bind(metrics);
}

// Every row of REST.
std::vector<http::Routes> Application::Parts::tables() {
  auto all = features.routes();
  all.push_back(polling.routes());
  all.push_back(document_routes(documents));
  all.push_back(service.routes(all, features.codes()));
  return all;
}

// Which path speaks which protocol.
Upgrades Application::Parts::upgrades() {
  const auto native = realtime::native_upgrade(gateway, study_rooms);
  const auto socket_io = socketio.upgrade_handler();
  Upgrades all = {{"/ws", native},
                  {"/", native},
                  {config.socketio.path, socket_io},
                  {config.socketio.path + "/", socket_io}};
  for (auto& more : features.upgrades()) all.push_back(std::move(more));
  return all;
}

std::optional<Code> Application::Parts::missing() const {
  if (draining.load(std::memory_order_relaxed)) return Code::shutting_down;
  if (!db.healthy()) return Code::db_unavailable;
  return std::nullopt;
}

Application::Application(const Config& config) {
  write_mongo_ids(config.compat.mongo_ids);
  parts_ = std::make_unique<Parts>(config);
}
Application::~Application() {
  // What is left to do for the database may still call the services, and nobody asks it for more.
  parts_->others.stop();
  parts_->fetch.stop();
  parts_->disk.stop();
  parts_->runtime.stop();
  parts_->db.stop();
}

const std::string& Application::openapi() const {
  return parts_->service.openapi();
}
const std::string& Application::asyncapi() const {
  return parts_->documents.asyncapi();
}

void Application::serve(Signals& signals) {
  Parts& p = *parts_;
  const auto migrating = [](std::string_view name) {
    log::info("migrating", {{"migration", name}});
  };
  for (const auto& name : pg::migrate(p.db, pg::migrations(), migrating))
    log::info("migrated", {{"migration", name}});
  p.features.check();
  p.others.start(5 * p.config.jobs.poll);

  p.disk.start();
  p.fetch.start();
  for (std::size_t i = 0; i < p.runtime.size(); ++i) p.db.attach(p.runtime.shard(i).context);
  p.runtime.start();
  p.gateway.start(p.features.socket_authenticator());
  p.server.start();
  p.jobs.start();
  log::info("ready",
            {{"version", kVersion}, {"node", p.gateway.node().name}, {"shards", p.runtime.size()}});

  const std::string signal = signals.wait([&p] { p.server.reload_certificates(); });
  log::info("stopping", {{"signal", signal}});
  // First out of the load balancer's sight, then the sockets are asked to go elsewhere while HTTP still
  // answers, then HTTP. What was acknowledged is committed already; what is under way gets its answer.
  const auto grace = p.config.server.shutdown_grace;
  const auto end = std::chrono::steady_clock::now() + grace;
  p.draining.store(true, std::memory_order_relaxed);
  p.jobs.close();
  p.gateway.drain();
  if (!p.gateway.wait_until_empty(grace))
    log::warn("sockets_cut", {{"count", p.gateway.sessions()}});
  if (!p.server.drain(grace / 4)) log::warn("requests_cut");
  p.server.stop();
  p.jobs.stop(std::chrono::ceil<Duration>(end - std::chrono::steady_clock::now()));
  p.others.stop();
  p.features.stop();
  p.fetch.stop();
  p.disk.stop();
  p.runtime.stop();
  p.db.stop();
  log::info("stopped");
}

}  // namespace stoa::app
