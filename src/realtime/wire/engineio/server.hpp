#pragma once
// Engine.IO 4's server side, below any protocol that is made of its messages: handshakes, and the way of each
// request to its session. A session id begins with the node's name and "_", so that a load balancer can bring all requests
// of one client to the node that has its session. Then it names the shard that the session lives on, since the requests
// arrive wherever the kernel puts their connections: polls are answered from there, and a WebSocket is moved there.
//
// Owned by the protocol above; made before the gateway starts, outlives the runtime's threads; serve() and the handler
// may be called on any shard.
#include "realtime/wire/engineio/session.hpp"

#include <stoa/net/upgrade.hpp>
#include <stoa/realtime/gateway.hpp>

namespace stoa::realtime::engineio {

class Server {
 public:
  Server(Gateway& gateway, const Options& options, MakeHandler make_handler);
  // With it go the sessions that are left; the shards must have stopped.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // A polling request, at the path or elsewhere: the caller routes. Throws Error{rate_limited} where the client comes too often.
  Task<PollAnswer> serve(PollRequest request);
  // Takes WebSockets, with or without a session id.
  net::UpgradeHandler upgrade_handler();

 private:
  std::shared_ptr<ServerState> state_;
};

}  // namespace stoa::realtime::engineio
