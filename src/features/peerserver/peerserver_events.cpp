// What PeerServer's clients may send. Who has an id is the service's to know; others are not heard.
#include "features/peerserver/peerserver_types.hpp"

#include <stoa/peerserver/peerserver.hpp>

namespace stoa::peerserver {

// clang-format off
realtime::Events peerserver_events(PeerServer& server) {
  using realtime::on;
  constexpr auto anyone = Who::anyone;
  constexpr auto signal = Limit::signal;
  constexpr auto serial = realtime::Order::serial;
  return {
      {kOffer,     anyone, signal, serial, "To one peer: how to reach me",       on<&PeerServer::offer>(server)},
      {kAnswer,    anyone, signal, serial, "To one peer: the answer to that",    on<&PeerServer::answer>(server)},
      {kCandidate, anyone, signal, serial, "To one peer: an address to try",     on<&PeerServer::candidate>(server)},
      {kLeave,     anyone, signal, serial, "To one peer: I am out; or my id back", on<&PeerServer::leave>(server)},
      {kExpire,    anyone, signal, serial, "To one peer: an offer has lapsed",   on<&PeerServer::expire>(server)},
      {kHeartbeat, anyone, signal, serial, "I am still here",                    on<&PeerServer::heartbeat>(server)},
  };
}
// clang-format on

}  // namespace stoa::peerserver
