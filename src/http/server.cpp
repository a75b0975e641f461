#include "http/connection.hpp"
#include "http/dispatch.hpp"

#include <stoa/http/server.hpp>

namespace stoa::http {
namespace {

constexpr auto kCancelGrace = std::chrono::seconds(2);

}  // namespace

struct Server::Impl {
  Impl(net::Runtime& r, const config::Http& options)
      : runtime(r), compressors(options.compress_threads, options.compress_queue) {}

  net::Runtime& runtime;
  WorkerPool compressors;
  std::shared_ptr<const Dispatcher> dispatcher;
  std::vector<std::shared_ptr<Home>> homes;  // by shard
  std::unique_ptr<net::Listener> listener;

  Home& home(const net::Shard& shard) { return *homes[shard.index]; }
};

Server::Server(net::Runtime& runtime, const Config& config, Router router,
               Authenticator& authenticator, Metrics& metrics, ServerExtras extras)
    : impl_(std::make_unique<Impl>(runtime, config.http)) {
  impl_->dispatcher = std::make_shared<const Dispatcher>(config, std::move(router), authenticator,
                                                         metrics, std::move(extras.upgrades),
                                                         extras.assets, impl_->compressors);
  observe_workers(metrics, impl_->compressors, "compression");
  for (std::size_t i = 0; i < runtime.size(); ++i) {
    auto home = std::make_shared<Home>(runtime.shard(i), impl_->dispatcher, config);
    metrics.observe("stoa_http_connections", "Connections that speak HTTP",
                    [counts = home->counts()] { return static_cast<double>(counts->open.load()); },
                    {{"shard", std::to_string(i)}});
    metrics.observe(
        "stoa_http_in_flight", "Requests being answered",
        [counts = home->counts()] { return static_cast<double>(counts->in_flight.load()); },
        {{"shard", std::to_string(i)}});
    impl_->homes.push_back(std::move(home));
  }
  impl_->listener = std::make_unique<net::Listener>(
      runtime, config, metrics, [homes = impl_->homes](net::Shard& shard, net::Accepted accepted) {
        homes[shard.index]->welcome(std::move(accepted));
      });
}

Server::~Server() {
  stop();
}

std::vector<net::BoundEndpoint> Server::start() {
  auto bound = impl_->listener->start();
  impl_->runtime.on_every_shard([this](net::Shard& shard) { impl_->home(shard).start(); });
  return bound;
}

bool Server::drain(std::chrono::milliseconds grace) {
  impl_->listener->stop();
  impl_->runtime.on_every_shard([this](net::Shard& shard) { impl_->home(shard).drain(); });
  return impl_->runtime.await_every_shard(
      grace, [homes = impl_->homes](net::Shard& shard) { return homes[shard.index]->wait(); });
}

void Server::stop() {
  impl_->listener->stop();
  impl_->runtime.on_every_shard([this](net::Shard& shard) { impl_->home(shard).cancel(); });
  impl_->runtime.await_every_shard(kCancelGrace, [homes = impl_->homes](net::Shard& shard) {
    return homes[shard.index]->wait();
  });
  impl_->compressors.stop();
}

void Server::reload_certificates() {
  impl_->listener->reload_certificates();
}

}  // namespace stoa::http
