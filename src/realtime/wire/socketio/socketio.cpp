#include "realtime/wire/engineio/server.hpp"
#include "realtime/wire/socketio/client.hpp"
#include "realtime/wire/socketio/rooms_namespace.hpp"

#include <stoa/realtime/socketio.hpp>

#include <utility>

namespace stoa::realtime {

struct SocketIo::Impl {
  Impl(Gateway& gateway, const engineio::Options& options, engineio::MakeHandler make_handler)
      : server(gateway, options, std::move(make_handler)) {}

  engineio::Server server;
};

SocketIo::SocketIo(Gateway& gateway, const Endpoint& endpoint, const config::SocketIo& config) {
  const auto& limits = gateway.state()->config.realtime;
  const auto rooms = std::make_shared<socketio::RoomsNamespace>(gateway.state(), endpoint, config);
  const engineio::Options options{config.ping_interval,
                                  config.ping_timeout,
                                  config.upgrade_timeout,
                                  config.max_payload_bytes,
                                  config.max_packets,
                                  config.max_upgrades,
                                  limits.max_queue_bytes,
                                  limits.max_queue_frames,
                                  [](const engineio::Handshake& handshake) {
                                    return socketio::find_token(Json::object(), handshake);
                                  }};
  impl_ = std::make_unique<Impl>(gateway, options, [rooms, &config](engineio::Session& session) {
    return std::make_unique<socketio::Client>(session, rooms, config.connect_timeout);
  });
}

SocketIo::~SocketIo() = default;

Task<PollAnswer> SocketIo::serve(PollRequest request) {
  return impl_->server.serve(std::move(request));
}

net::UpgradeHandler SocketIo::upgrade_handler() {
  return impl_->server.upgrade_handler();
}

}  // namespace stoa::realtime
