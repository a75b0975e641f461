#include "http/connection.hpp"
#include "http/dispatch.hpp"
#include "http/problem.hpp"
#include "http/wire.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/time.hpp>
#include <stoa/http/server.hpp>

namespace stoa::http {
namespace {

constexpr auto kCancelGrace = std::chrono::seconds(2);
// When a client that found no room may usefully try again.
constexpr auto kRetryAfter = std::chrono::seconds(5);

// To a connection that there is no room for. Nothing of a request has been read, so it has no id.
std::string refusal(bool full, const Policy& policy) {
  Error error = full ? Error(Code::overloaded, "The server has as many connections as it may")
                     : Error(Code::rate_limited, "Too many connections from this address");
  const Response response = problem(error.retry_after(kRetryAfter), "");
  const std::string date = to_http_date(now());
  std::string out;
  append_response_head(out, response, {false, false, date, policy.api()});
  return out.append(response.body);
}

}  // namespace

struct Server::Impl {
  Impl(net::Runtime& r, const config::Http& options)
      : runtime(r), compressors(options.compress_threads, options.compress_queue) {}

  net::Runtime& runtime;
  WorkerPool compressors;
  std::shared_ptr<const Dispatcher> dispatcher;
  std::vector<std::shared_ptr<ShardConnections>> connections;  // by shard
  std::unique_ptr<net::Listener> listener;

  ShardConnections& of(const net::Shard& shard) { return *connections[shard.index]; }
};

Server::Server(net::Runtime& runtime, const Config& config, net::RateLimiter& limiter,
               Router router, Authenticator& authenticator, Metrics& metrics, ServerExtras extras)
    : impl_(std::make_unique<Impl>(runtime, config.http)) {
  impl_->dispatcher = std::make_shared<const Dispatcher>(
      config, limiter, std::move(router), authenticator, metrics, std::move(extras.upgrades),
      extras.assets, impl_->compressors);
  observe_workers(metrics, impl_->compressors, "compression");
  for (std::size_t i = 0; i < runtime.size(); ++i) {
    auto one = std::make_shared<ShardConnections>(runtime.shard(i), impl_->dispatcher, config);
    metrics.observe("stoa_http_connections", "Connections that speak HTTP",
                    [counts = one->counts()] { return static_cast<double>(counts->open.load()); },
                    {{"shard", std::to_string(i)}});
    metrics.observe(
        "stoa_http_in_flight", "Requests being answered",
        [counts = one->counts()] { return static_cast<double>(counts->in_flight.load()); },
        {{"shard", std::to_string(i)}});
    impl_->connections.push_back(std::move(one));
  }
  impl_->listener = std::make_unique<net::Listener>(
      runtime, config, metrics,
      [connections = impl_->connections](net::Shard& shard, net::Accepted accepted) {
        connections[shard.index]->welcome(std::move(accepted));
      },
      [dispatcher = impl_->dispatcher](bool full) { return refusal(full, dispatcher->policy()); });
}

Server::~Server() {
  stop();
}

std::vector<net::BoundEndpoint> Server::start() {
  auto bound = impl_->listener->start();
  impl_->runtime.on_every_shard([this](net::Shard& shard) { impl_->of(shard).start(); });
  return bound;
}

bool Server::drain(std::chrono::milliseconds grace) {
  impl_->listener->stop();
  impl_->runtime.on_every_shard([this](net::Shard& shard) { impl_->of(shard).drain(); });
  return impl_->runtime.await_every_shard(grace,
                                          [connections = impl_->connections](net::Shard& shard) {
                                            return connections[shard.index]->wait();
                                          });
}

void Server::stop() {
  impl_->listener->stop();
  impl_->runtime.on_every_shard([this](net::Shard& shard) { impl_->of(shard).cancel(); });
  impl_->runtime.await_every_shard(kCancelGrace,
                                   [connections = impl_->connections](net::Shard& shard) {
                                     return connections[shard.index]->wait();
                                   });
  impl_->compressors.stop();
}

void Server::reload_certificates() {
  impl_->listener->reload_certificates();
}

}  // namespace stoa::http
