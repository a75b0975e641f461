#pragma once
// Every feature of the server, built in the order in which they need one another. routes.cpp and events.cpp
// list what they serve. Owned by the composition root; outlives the runtime's threads.
#include <stoa/auth/auth.hpp>
#include <stoa/calls/calls.hpp>
#include <stoa/chat/chat.hpp>
#include <stoa/groups/groups.hpp>
#include <stoa/http/route.hpp>
#include <stoa/peerserver/peerserver.hpp>
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/rooms/rooms.hpp>
#include <stoa/status/status.hpp>
#include <stoa/users/users.hpp>
#include <stoa/whiteboard/whiteboard.hpp>

#include <vector>

namespace stoa::app {

struct Features {
  status::Status& status;
  auth::Auth& auth;
  users::Users& users;
  rooms::Rooms& rooms;
  chat::Chat& chat;
  calls::Calls& calls;
  whiteboard::Whiteboard& whiteboard;
  groups::Groups& groups;
  peerserver::PeerServer& peerserver;
};

std::vector<http::Routes> all_routes(Features features);
std::vector<realtime::Events> all_events(Features features);
realtime::OutgoingTable all_sends();
// Who hears when a session has ended, in this order: what was kept for it goes from the top down.
std::vector<realtime::SessionObserver*> all_observers(Features features);

}  // namespace stoa::app
