#include "features/rooms/room_stats.hpp"

#include "features/rooms/rooms_types.hpp"

#include <stoa/rooms/rooms_place.hpp>
#include <stoa/rooms/rooms_topic.hpp>

namespace stoa::rooms {

RoomStatsTeller::RoomStatsTeller(net::Runtime& runtime, pg::Database& db, realtime::Hub& hub,
                                 const realtime::Roster& roster, Duration interval)
    : counts_(db, &store::count_members),
      hub_(hub),
      roster_(roster),
      rooms_(runtime, "room_stats", interval, [this](RoomId room) { return tell(room); }) {}

Task<> RoomStatsTeller::tell(RoomId room) {
  const auto count = co_await counts_.load(room);
  if (!count) co_return;
  RoomStats stats{room, count->members, static_cast<int>(roster_.count_users(place_of(room)))};
  hub_.publish(topic_of(room), kRoomStats, stats);
}

}  // namespace stoa::rooms
