#include "realtime/wire/peerserver/peer_handshake.hpp"

#include <stoa/core/query_parameters.hpp>

#include <utility>

namespace stoa::realtime::peerserver {

PeerHandshake read_handshake(const websocket::UpgradeRequest& request) {
  PeerHandshake out;
  const auto target = request.target();
  for (auto& [name, value] : query_parameters(query_of({target.data(), target.size()}))) {
    if (name == "id") {
      out.id = std::move(value);
    } else if (name == "token") {
      out.token = std::move(value);
    } else if (name == "key") {
      out.key = std::move(value);
    }
  }
  return out;
}

}  // namespace stoa::realtime::peerserver
