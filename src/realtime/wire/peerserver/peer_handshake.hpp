#pragma once
// What a PeerJS client's address says. A pure function.
#include "realtime/wire/websocket/handshake.hpp"

#include <stoa/realtime/peerserver.hpp>

namespace stoa::realtime::peerserver {

// Of a name that stands there twice the last one counts, as it does for the reference.
PeerHandshake read_handshake(const websocket::UpgradeRequest& request);

}  // namespace stoa::realtime::peerserver
