#include "net/tls.hpp"

#include <stoa/core/log.hpp>
#include <stoa/net/listener.hpp>
#include <stoa/net/networks.hpp>

#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <sys/socket.h>

namespace stoa::net {
namespace {

using Tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr auto kPause = std::chrono::milliseconds(100);
constexpr int kTogether = 64;  // connections that are accepted before others have their turn

// One address, with its TLS context; the context is replaced on each shard by a reload.
struct Site {
  std::size_t index;
  config::Listener options;
  BoundEndpoint bound;
  bool tls() const noexcept { return !options.tls_certificate.empty(); }
};

// One acceptor on one shard.
struct Gate {
  Site* site;
  Shard* shard;
  Acceptor acceptor;
  std::shared_ptr<asio::ssl::context> tls;
};

[[noreturn]] void refuse(const Site& site, const Tcp::endpoint& where, const std::string& why) {
  throw ListenError("cannot listen on " + site.options.address + " port " +
                    std::to_string(where.port()) + ": " + why);
}

// The shards share the port, and so would another server of the same user: its clients would be shared out between two
// that do not hear each other. A socket that shares nothing finds it. Whoever wants two says so.
void check_free(const Site& site, const Tcp::endpoint& where, Shard& shard) {
  if (where.port() == 0 || site.options.shared) return;
  Acceptor probe(shard.context.get_executor());
  boost::system::error_code failed;
  probe.open(where.protocol());
  probe.set_option(Acceptor::reuse_address(true));
  if (where.address().is_v6()) probe.set_option(asio::ip::v6_only(true));
  probe.bind(where, failed);
  if (failed == asio::error::address_in_use) {
    refuse(site, where, failed.message() + "; is another server running?");
  }
}

Acceptor bind(const Site& site, const Tcp::endpoint& where, Shard& shard) {
  Acceptor acceptor(shard.context.get_executor());
  try {
    acceptor.open(where.protocol());
    acceptor.set_option(Acceptor::reuse_address(true));
    acceptor.set_option(ReusePort(true));
    if (where.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true));
    acceptor.bind(where);
    acceptor.non_blocking(true);
  } catch (const boost::system::system_error& e) {
    refuse(site, where, e.code().message());
  }
  return acceptor;
}

// Errors of accept() that say that the machine has no more to give just now.
bool exhausted(const boost::system::error_code& failed) noexcept {
  return failed == asio::error::no_descriptors || failed.value() == ENFILE ||
         failed == asio::error::no_buffer_space || failed == asio::error::no_memory;
}

}  // namespace

struct Listener::Impl {
  Impl(Runtime& runtime_, const Config& config, Metrics& metrics, OnConnection on_connection_,
       OnRefusal on_refusal_)
      : runtime(runtime_),
        on_connection(std::move(on_connection_)),
        on_refusal(std::move(on_refusal_)),
        trusted(config.server.trusted_proxies),
        count(config.http.max_connections, config.http.max_connections_per_address),
        accepted(metrics.counter("stoa_connections_accepted_total", "Connections accepted")),
        refused(metrics.counter("stoa_connections_refused_total",
                                "Connections closed at once because a limit was reached")),
        pauses(metrics.counter("stoa_accept_pauses_total",
                               "Pauses of accepting for want of file descriptors or memory")) {
    metrics.observe_total("stoa_connections_displaced_total",
                          "Connections that waited for their clients and gave way to later ones",
                          [counted = count] { return static_cast<double>(counted.displaced()); });
    for (const auto& listener : config.listener) {
      sites.push_back(std::make_unique<Site>(Site{sites.size(), listener, {}}));
    }
  }

  Runtime& runtime;
  OnConnection on_connection;
  OnRefusal on_refusal;
  Networks trusted;
  ConnectionCount count;
  metrics::Counter& accepted;
  metrics::Counter& refused;
  metrics::Counter& pauses;
  std::vector<std::unique_ptr<Site>> sites;
  std::vector<std::unique_ptr<Gate>> gates;

  // Holds the listener, whose owner may be gone before the last accept has failed.
  static Task<> accept(std::shared_ptr<Impl> self, Gate* gate) {
    Timer pause(gate->shard->context.get_executor());
    bool was_exhausted = false;
    while (gate->acceptor.is_open()) {
      boost::system::error_code failed;
      co_await gate->acceptor.async_wait(Tcp::acceptor::wait_read,
                                         asio::redirect_error(use_task, failed));
      if (!gate->acceptor.is_open()) co_return;
      failed = self->admit_all(*gate);
      if (!exhausted(failed)) {
        was_exhausted = false;
        continue;
      }
      if (!std::exchange(was_exhausted, true)) {
        log::warn("accept_paused", {{"reason", failed.message()}});
      }
      self->pauses.Increment();
      pause.expires_after(kPause);
      co_await pause.async_wait(use_task);
    }
  }

  // Who waits in the system's queue waits behind all who came before, whatever address they have, so few are left there.
  boost::system::error_code admit_all(Gate& gate) {
    boost::system::error_code failed;
    for (int taken = 0; taken < kTogether; ++taken) {
      Socket socket(gate.shard->context.get_executor());
      gate.acceptor.accept(socket, failed);
      if (failed == asio::error::would_block || exhausted(failed)) break;
      if (failed) continue;  // the client was gone before it was accepted
      try {
        admit(gate, std::move(socket));
      } catch (const std::exception& e) {
        log::error("accept_failed", {{"reason", e.what()}});
      }
    }
    return failed;
  }

  void admit(Gate& gate, Socket socket) {
    boost::system::error_code failed;
    const auto remote = socket.remote_endpoint(failed);
    if (failed) return;
    const auto peer = plain(remote.address());
    auto seat = count.take(peer, trusted.contains(peer));
    if (!seat) {
      refused.Increment();
      if (!gate.tls) refuse(socket, on_refusal(seat.is_full()));
      return;
    }
    accepted.Increment();
    socket.set_option(Tcp::no_delay(true), failed);
    socket.non_blocking(true, failed);
    auto stream = gate.tls ? std::make_unique<Stream>(std::move(socket), *gate.tls)
                           : std::make_unique<Stream>(std::move(socket));
    on_connection(*gate.shard,
                  Accepted{std::move(stream), peer, std::move(seat), gate.site->index});
  }

  // Says why where that costs nothing: the send buffer of a new socket is empty.
  static void refuse(Socket& socket, std::string_view answer) {
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(answer), ignored);
    socket.shutdown(Tcp::socket::shutdown_send, ignored);
  }
};

Listener::Listener(Runtime& runtime, const Config& config, Metrics& metrics,
                   OnConnection on_connection, OnRefusal on_refusal)
    : impl_(std::make_shared<Impl>(runtime, config, metrics, std::move(on_connection),
                                   std::move(on_refusal))) {}

void check_certificates(const std::vector<config::Listener>& listeners) {
  for (const auto& listener : listeners) {
    if (listener.tls_certificate.empty()) continue;
    make_tls_context(listener.tls_certificate, listener.tls_key);
  }
}

Listener::~Listener() {
  stop();
}

std::vector<BoundEndpoint> Listener::start() {
  std::vector<BoundEndpoint> bound;
  for (auto& site : impl_->sites) {
    boost::system::error_code failed;
    const auto address = asio::ip::make_address(site->options.address, failed);
    if (failed) throw ListenError("\"" + site->options.address + "\" is not a numeric address");
    Tcp::endpoint where(address, site->options.port);
    std::shared_ptr<asio::ssl::context> tls;
    if (site->tls()) tls = make_tls_context(site->options.tls_certificate, site->options.tls_key);
    check_free(*site, where, impl_->runtime.shard(0));
    for (std::size_t i = 0; i < impl_->runtime.size(); ++i) {
      auto& shard = impl_->runtime.shard(i);
      auto acceptor = bind(*site, where, shard);
      where = acceptor.local_endpoint();  // port 0 became one, and all shards share it
      impl_->gates.push_back(
          std::make_unique<Gate>(Gate{site.get(), &shard, std::move(acceptor), tls}));
    }
    site->bound = {where.address().to_string(), where.port(), site->tls()};
    bound.push_back(site->bound);
  }
  impl_->runtime.on_every_shard([this](Shard& shard) {
    for (auto& gate : impl_->gates) {
      if (gate->shard != &shard) continue;
      boost::system::error_code failed;
      gate->acceptor.listen(asio::socket_base::max_listen_connections, failed);
      if (!failed) shard.tasks.spawn("accept", Impl::accept(impl_, gate.get()));
    }
  });
  for (const auto& endpoint : bound) {
    log::info("listening",
              {{"address", endpoint.address}, {"port", endpoint.port}, {"tls", endpoint.tls}});
  }
  return bound;
}

void Listener::stop() {
  impl_->runtime.on_every_shard([this](Shard& shard) {
    for (auto& gate : impl_->gates) {
      boost::system::error_code ignored;
      if (gate->shard == &shard) gate->acceptor.close(ignored);
    }
  });
}

void Listener::reload_certificates() {
  for (auto& site : impl_->sites) {
    if (!site->tls()) continue;
    // Throws before anything has changed, so a bad file leaves the old certificate in force.
    const auto tls = make_tls_context(site->options.tls_certificate, site->options.tls_key);
    impl_->runtime.on_every_shard([&](Shard& shard) {
      for (auto& gate : impl_->gates) {
        if (gate->shard == &shard && gate->site == site.get()) gate->tls = tls;
      }
    });
    log::info("certificates_reloaded", {{"address", site->bound.address},
                                        {"port", site->bound.port},
                                        {"ends", to_rfc3339(end_of(*tls))}});
  }
}

std::size_t Listener::connections() const noexcept {
  return impl_->count.size();
}

}  // namespace stoa::net
