#pragma once
// The native codec: one JSON text frame an event over WebSocket (RFC 6455), as docs/PROTOCOL.md
// describes it. See realtime/gateway.hpp for its use.
#include <stoa/net/upgrade.hpp>
#include <stoa/realtime/endpoint.hpp>
#include <stoa/realtime/gateway.hpp>

namespace stoa::realtime {

// Serves an upgrade at any path it is registered for. Checks in this order, each refused in HTTP:
// the handshake (400, 426), whether the server is going down (503), the Origin (403), the bounds in
// all (503) and of the address (429), the token where one came along (401), the user's bound (429).
//
// The handler hands the connection to the shard's TaskGroup and returns: the HTTP engine keeps
// nothing for a connection that has left it. The gateway must outlive the runtime's threads.
net::UpgradeHandler native_upgrade(Gateway& gateway, const Endpoint& endpoint);

}  // namespace stoa::realtime
