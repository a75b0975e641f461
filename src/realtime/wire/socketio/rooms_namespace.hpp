#pragma once
// The namespace "/" of an Endpoint: each socket is a session of its own.
#include "realtime/gateway_state.hpp"
#include "realtime/wire/socketio/codec.hpp"
#include "realtime/wire/socketio/namespaces.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/json.hpp>
#include <stoa/realtime/endpoint.hpp>

#include <memory>
#include <optional>
#include <string>

namespace stoa::realtime {
class ClientSession;
}

namespace stoa::realtime::socketio {

// The client's token: of CONNECT's auth, else of its first request's header, else of its query.
std::optional<std::string> find_token(const Json& auth, const engineio::Handshake& handshake);

// 20 characters that nobody guesses.
std::string make_socket_id();

class RoomsNamespace final : public Namespaces {
 public:
  RoomsNamespace(std::shared_ptr<GatewayState> gateway, const Endpoint& endpoint,
                 const config::SocketIo& config);

  Task<std::shared_ptr<Socket>> connect(std::shared_ptr<engineio::Session> client, std::string nsp,
                                        Json auth) override;

 private:
  Admission::Ticket place_of(engineio::Session& client, const std::optional<Caller>& caller) const;
  // Brings a new session to where the lost one was, and gives it what came after that number.
  Task<> resume(std::shared_ptr<ClientSession> session, LostSession lost, std::uint64_t number);

  std::shared_ptr<GatewayState> gateway_;
  const Endpoint& endpoint_;
  const config::SocketIo& config_;
  const bool recovers_;
  std::shared_ptr<const SocketIoCodec> codec_;
};

}  // namespace stoa::realtime::socketio
