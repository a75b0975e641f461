// What groups serve over sockets. Guests may send these where the configuration lets guests in.
#include "features/groups/groups_types.hpp"

#include <stoa/groups/groups.hpp>

namespace stoa::groups {

// clang-format off
realtime::Events groups_events(Groups& groups) {
  using realtime::on;
  constexpr auto anyone = Who::anyone;
  constexpr auto read = Limit::read, write = Limit::write, none = Limit::none;
  constexpr auto serial = realtime::Order::serial;
  realtime::Events events = {
      {"create-group",   anyone, write, serial, "Open a group and be in it",       on<&Groups::create>(groups)},
      {"join-group",     anyone, read,  serial, "Come into a group",               on<&Groups::join>(groups)},
      {"leave-group",    anyone, none,  serial, "Leave the group",                 on<&Groups::leave>(groups)},
      {"update-peer-id", anyone, none,  serial, "Say one's id at the PeerServer",  on<&Groups::update_peer_id>(groups)},
      {"call-request",   anyone, none,  serial, "To one peer: may I call?",        on<&Groups::request_call>(groups)},
      {"call-response",  anyone, none,  serial, "To one peer: yes or no",          on<&Groups::respond_to_call>(groups)},
  };
  for (realtime::Event& event : events) event.paths_from_message = true;
  return events;
}
// clang-format on

realtime::OutgoingTable groups_sends() {
  using realtime::sends;
  return {
      sends(kGroupCreated),  sends(kGroupJoined), sends(kUserJoined),  sends(kUserLeft),
      sends(kExistingPeers), sends(kPeerUpdated), sends(kCallRequest), sends(kCallResponse),
  };
}

}  // namespace stoa::groups
