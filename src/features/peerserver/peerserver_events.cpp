// What PeerServer's clients may send. Who has an id is the service's to know; others are not heard.
#include "features/peerserver/peerserver_types.hpp"

#include <stoa/peerserver/peerserver.hpp>

namespace stoa::peerserver {

// clang-format off
realtime::Events peerserver_events(PeerServer& server) {
  using realtime::on;
  constexpr auto anyone = Who::anyone;
  constexpr auto none = Limit::none;
  constexpr auto serial = realtime::Order::serial;
  return {
      {kOffer,     anyone, none, serial, "To one peer: how to reach me",       on<&PeerServer::offer>(server)},
      {kAnswer,    anyone, none, serial, "To one peer: the answer to that",    on<&PeerServer::answer>(server)},
      {kCandidate, anyone, none, serial, "To one peer: an address to try",     on<&PeerServer::candidate>(server)},
      {kLeave,     anyone, none, serial, "To one peer: I am out; or my id back", on<&PeerServer::leave>(server)},
      {kExpire,    anyone, none, serial, "To one peer: an offer has lapsed",   on<&PeerServer::expire>(server)},
      {.name = kHeartbeat, .who = anyone, .limit = none, .order = serial, .summary = "I am still here", .action = on<&PeerServer::heartbeat>(server), .vital = true},
  };
}
// clang-format on

}  // namespace stoa::peerserver
