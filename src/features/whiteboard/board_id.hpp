#pragma once
// One reading of a room's whiteboard. What concerns an earlier one has a topic of its own, so that it reaches nobody
// who has read the board anew.
#include <stoa/core/ids.hpp>
#include <stoa/realtime/topic.hpp>

namespace stoa::whiteboard {

using BoardId = Id<struct BoardTag>;

inline constexpr realtime::TopicKind kBoardTopic{"board"};

inline realtime::Topic topic_of(BoardId id) {
  return {&kBoardTopic, id.uuid};
}

}  // namespace stoa::whiteboard
