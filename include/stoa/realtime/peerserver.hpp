#pragma once
// The wire of npm's PeerServer over WebSocket: JSON text {type, src, dst, payload}, and an address that says who
// comes: ?key=&id=&token=. Its endpoint's events are named as its types are, and take {dst?, payload?} with
// `payload` as the text of any JSON, relayed as it came; what else a client sends is ignored.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/net/upgrade.hpp>
#include <stoa/realtime/endpoint.hpp>
#include <stoa/realtime/gateway.hpp>
#include <stoa/realtime/session.hpp>

#include <optional>
#include <string>

namespace stoa::realtime {

// What a client says of itself in its address; empty where it says nothing. `token` is a secret of its own
// making, with which it comes back to its id.
struct PeerHandshake {
  std::string id;
  std::string token;
  std::string key;
};

// Decides about connections.
class PeerDoor {
 public:
  virtual ~PeerDoor() = default;
  // Whose account the key belongs to, where keys do; empty for strangers.
  virtual Task<std::optional<Caller>> identify(std::string key, Client client) = 0;
  // On the session's shard, before anything that the client sends is read.
  virtual void opened(const SessionPtr& session, PeerHandshake handshake) = 0;
};

// Serves an upgrade at any path it is registered for. Refused in HTTP: what is no handshake (400, 426), a
// server that goes down (503), the bounds in all (503), of the address and of the user (429). Whatever else
// stands against a client is said on its socket, where PeerJS looks for it. Pages of any origin may come: no
// cookie or other credential of the browser's own counts here. All that is handed in must outlive the
// runtime's threads.
net::UpgradeHandler peerserver_upgrade(Gateway& gateway, const Endpoint& endpoint, PeerDoor& door);

}  // namespace stoa::realtime
