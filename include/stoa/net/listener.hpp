#pragma once
// Accepts connections, with SO_REUSEPORT on every shard, so that the kernel spreads them and none
// is ever handed from thread to thread. Bounds how many there are, in all and from one address. Out
// of file descriptors it pauses rather than spins. Owned by the HTTP server; start() and stop() are
// called from its owner's thread, the handler runs on the shard.
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/net/connection_count.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/net/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace stoa::net {

struct BoundEndpoint {
  std::string address;
  std::uint16_t port = 0;
  bool tls = false;
};

// One clear line: the address, the port and why.
struct ListenError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws ListenError where a certificate or a key cannot be used.
void check_certificates(const std::vector<config::Listener>& listeners);

struct Accepted {
  StreamPtr stream;  // of TLS: the handshake is still to be done
  asio::ip::address peer;
  ConnectionCount::Seat seat;
  std::size_t listener = 0;  // its place in the configuration
};

class Listener {
 public:
  using OnConnection = std::function<void(Shard&, Accepted)>;
  // The whole answer to a connection that there is no room for: as many are here as may be in all, or else of its address. It
  // goes out in the clear only, since TLS would have to be agreed on first. On any shard.
  using OnRefusal = std::function<std::string(bool full)>;

  Listener(Runtime& runtime, const Config& config, Metrics& metrics, OnConnection on_connection,
           OnRefusal on_refusal);
  ~Listener();

  // Binds all, then listens on every shard. Throws ListenError; logs one "listening" line each.
  std::vector<BoundEndpoint> start();
  // Accepts no more; connections stay. Idempotent.
  void stop();
  // Throws ListenError; logs one "certificates_reloaded" line each.
  void reload_certificates();
  std::size_t connections() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // with the accepting coroutines
};

}  // namespace stoa::net
