#pragma once
// An Endpoint's events over Socket.IO protocol 5 on Engine.IO 4, as socket.io-client 3 and 4 speak it, in the
// namespace "/": one event's payload is its one argument, or its arguments by the row's positional names; the
// answer is the acknowledgement's one argument, and a refusal {"error": {code, message, details}}.
//
// Who it is comes with CONNECT's auth ({token} or {accessToken}), the Authorization header, or ?token=, each
// with or without "Bearer ".
//
// Owned by the composition root; made before the gateway starts, outlives the runtime's threads. Its members
// may be called on any shard.
#include <stoa/core/config.hpp>
#include <stoa/net/upgrade.hpp>
#include <stoa/realtime/endpoint.hpp>
#include <stoa/realtime/gateway.hpp>
#include <stoa/realtime/polling.hpp>

#include <memory>

namespace stoa::realtime {

class SocketIo {
 public:
  // `config` must outlive it.
  SocketIo(Gateway& gateway, const Endpoint& endpoint, const config::SocketIo& config);
  ~SocketIo();

  // The requests of HTTP long-polling, and the WebSockets of the same path.
  Task<PollAnswer> serve(PollRequest request);
  net::UpgradeHandler upgrade_handler();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stoa::realtime
