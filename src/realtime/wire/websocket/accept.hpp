#pragma once
// How an upgrade ends, for every codec that travels over WebSocket: as a session, or as a refusal in HTTP.
// Called on the connection's shard.
#include "realtime/client_session.hpp"
#include "realtime/wire/websocket/handshake.hpp"

#include <stoa/core/task.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace stoa::realtime::websocket {

// What the sessions of one door speak.
struct SessionProtocol {
  std::shared_ptr<GatewayState> gateway;
  const Endpoint& endpoint;
  std::shared_ptr<const Codec> codec;
  std::shared_ptr<const Decoder> decoder;
};

// Answers the handshake with 101; the session begins, and its coroutine is the shard's. `subprotocol` is
// the one that is chosen, or empty. `opened` runs before anything that the client sends is read.
void accept(const SessionProtocol& protocol, net::Upgrade& upgrade, Admission::Ticket ticket,
            std::optional<Caller> caller, std::string_view subprotocol,
            const std::function<void(const SessionPtr&)>& opened = {});

// Answers what was thrown on the way to a session: Refusal or Error; what is neither is logged and answered
// as internal. Rethrows a cancellation.
Task<> refuse(std::shared_ptr<GatewayState> gateway, net::Upgrade upgrade,
              std::exception_ptr failure);

}  // namespace stoa::realtime::websocket
