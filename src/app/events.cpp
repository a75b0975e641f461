// What the server understands and sends on sockets: one line a feature.
#include "app/features.hpp"

namespace stoa::app {

std::vector<realtime::Events> all_events(Features features) {
  return {
      chat::chat_events(features.chat),
      calls::calls_events(features.calls),
      whiteboard::whiteboard_events(features.whiteboard),
      groups::groups_events(features.groups),
  };
}

realtime::OutgoingTable all_sends() {
  realtime::OutgoingTable all;
  for (const auto& table : {rooms::rooms_sends(), chat::chat_sends(), calls::calls_sends(),
                            whiteboard::whiteboard_sends(), groups::groups_sends()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

std::vector<realtime::SessionObserver*> all_observers(Features features) {
  return {&features.groups, &features.whiteboard, &features.calls, &features.chat, &features.rooms};
}

}  // namespace stoa::app
