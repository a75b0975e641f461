#pragma once
// What everybody in a room hears.
#include <stoa/core/ids.hpp>
#include <stoa/realtime/topic.hpp>

namespace stoa::rooms {

inline constexpr realtime::TopicKind kRoomTopic{"room"};

inline realtime::Topic topic_of(RoomId id) {
  return {&kRoomTopic, id.uuid};
}

}  // namespace stoa::rooms
