#pragma once
// The HTTP server: listeners, connections, the chain from a request to its answer, static files and
// upgrades. Owned by the composition root; start(), drain() and stop() are called from its thread,
// never from a shard. Everything handed in must outlive stop() of the server and of the runtime.
//
//   net::Runtime runtime(config.server.shards);
//   runtime.start();
//   http::Service service(config, metrics, readiness);
//   std::vector<http::Routes> tables = {auth_routes(auth), rooms_routes(rooms)};
//   tables.push_back(service.routes(tables));
//   net::RateLimiter limiter(config.rate_limits);
//   http::Server server(runtime, config, limiter, http::Router(tables), auth, metrics,
//                       {.upgrades = {{"/ws", realtime.upgrade_handler()}},
//                        .assets = {stoa_web_app(), stoa_web_docs()}});
//   server.start();                            // throws net::ListenError, logs "listening"
//   ...                                        // SIGTERM: readiness goes first, then
//   server.drain(config.server.shutdown_grace);
//   server.stop();
//   runtime.stop();
#include <stoa/core/authenticator.hpp>
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/http/assets.hpp>
#include <stoa/http/router.hpp>
#include <stoa/net/listener.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/net/upgrade.hpp>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace stoa::http {

struct ServerExtras {
  // By exact path. The request has passed framing, limits and the read rate of its address.
  std::vector<std::pair<std::string, net::UpgradeHandler>> upgrades;
  std::vector<std::span<const Asset>> assets;
};

class Server {
 public:
  Server(net::Runtime& runtime, const Config& config, net::RateLimiter& limiter, Router router,
         Authenticator& authenticator, Metrics& metrics, ServerExtras extras = {});
  ~Server();

  // Binds and listens on all shards; answers where (a configured port 0 is a free one).
  std::vector<net::BoundEndpoint> start();
  // Accepts no more, closes idle connections, lets open requests finish with `Connection: close`.
  // True when none is left within `grace`. Upgraded connections are their handlers' to end.
  bool drain(std::chrono::milliseconds grace);
  // Cuts what is left. Idempotent.
  void stop();
  // Reads the certificates again; connections that are open keep theirs.
  void reload_certificates();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stoa::http
