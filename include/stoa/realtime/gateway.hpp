#pragma once
// The realtime side as the composition root sees it. The smallest use:
//
//   net::Runtime runtime(config.server.shards);
//   realtime::Gateway gateway(runtime, config, limiter);
//   Chat chat(gateway.hub(), database);                         // services publish through the hub
//   realtime::Endpoint rooms(gateway, realtime::Registry({chat_events(chat)}), {&calls}, guests);
//   upgrades = {{"/ws", realtime::native_upgrade(gateway, rooms)}};   // <stoa/realtime/native.hpp>
//   gateway.start(authenticator);
//   ...
//   gateway.drain();                                            // SIGTERM: says goodbye in its time
//   gateway.wait_until_empty(config.server.shutdown_grace);
//   runtime.stop();
//
// Owned by the composition root; outlives the runtime's threads, not the Runtime itself. The
// endpoints, and the services behind them, must outlive the runtime's threads too. All
// members may be called from any thread; wait_until_empty() not from a shard.
#include <stoa/core/authenticator.hpp>
#include <stoa/core/config.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/realtime/broker.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/node.hpp>
#include <stoa/realtime/stats.hpp>

#include <memory>

namespace stoa::realtime {

struct GatewayState;

class Gateway {
 public:
  // `config` and `limiter` must outlive it. `broker`: what connects it with other nodes.
  Gateway(net::Runtime& runtime, const Config& config, net::RateLimiter& limiter,
          std::unique_ptr<Broker> broker = make_local_broker());
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  Hub& hub() noexcept;
  const NodeIdentity& node() const noexcept;

  // Once, when all endpoints are there. Until then upgrades are answered 503. `authenticator` says whose a token
  // is; it must outlive the runtime's threads.
  void start(Authenticator& authenticator);

  // Refuses new upgrades with 503; sends each session `server_closing` {reconnectInMs}, spread over
  // server.shutdown_jitter, and closes them one after another with 1012, all well within
  // server.shutdown_grace. Returns at once.
  void drain();
  // True once no session is left.
  bool wait_until_empty(Duration at_most);

  std::size_t sessions() const noexcept;
  RealtimeStats stats() const;

  // For the codecs under src/realtime/wire.
  const std::shared_ptr<GatewayState>& state() const noexcept { return state_; }

 private:
  std::shared_ptr<GatewayState> state_;
};

}  // namespace stoa::realtime
