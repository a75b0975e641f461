// What calls serve over sockets.
#include "features/calls/calls_types.hpp"

#include <stoa/calls/calls.hpp>

namespace stoa::calls {

// clang-format off
realtime::Events calls_events(Calls& calls) {
  using realtime::on;
  constexpr auto user = Who::signed_in;
  constexpr auto read = Limit::read, none = Limit::none;
  constexpr auto serial = realtime::Order::serial;
  // What they ask for they may by the seat that they have.
  const auto peer = calls.takes_guests() ? Who::anyone : user;
  return {
      {"call_join",     user, read,  serial, "Join the call of a room",           on<&Calls::join>(calls)},
      {"join-room",     peer, read,  serial, "Join the call, as PeerNet does",    on<&Calls::join_as_peernet>(calls), {"roomId", "userId"}},
      {"call_leave",    peer, none,  serial, "Leave the call",                    on<&Calls::leave>(calls)},
      {"offer",         user, none,  serial, "To one peer",                       on<&Calls::offer>(calls)},
      {"answer",        user, none,  serial, "To one peer",                       on<&Calls::answer>(calls)},
      {"ice_candidate", user, none,  serial, "To one peer; null: no more",        on<&Calls::ice_candidate>(calls)},
      {"signal",        peer, none,  serial, "Anything, to one peer",             on<&Calls::signal>(calls)},
      {"media_state",   user, none,  serial, "What one sends, and a raised hand", on<&Calls::set_media>(calls)},
  };
}
// clang-format on

realtime::OutgoingTable calls_sends() {
  using realtime::sends;
  return {
      sends(kPeerJoined),    sends(kPeerLeft),         sends(kRoomCallUpdated), sends(kOffer),
      sends(kAnswer),        sends(kIceCandidate),     sends(kSignal),          sends(kMediaState),
      sends(kUserConnected), sends(kUserDisconnected), sends(kRemovedFromCall),
  };
}

}  // namespace stoa::calls
