#pragma once
// One reading of a room's whiteboard. What concerns an earlier one has a topic of its own, so that it reaches nobody
// who has read the board anew.
#include <stoa/core/ids.hpp>
#include <stoa/realtime/topic.hpp>

namespace stoa::whiteboard {

using BoardId = Id<struct BoardTag>;

// A place at a whiteboard ends with the connection.
inline constexpr realtime::TopicKind kBoardTopic{"board", false};

inline realtime::Topic topic_of(BoardId id) {
  return {&kBoardTopic, id.uuid};
}

}  // namespace stoa::whiteboard
