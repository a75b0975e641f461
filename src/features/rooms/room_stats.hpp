#pragma once
// Tells a room how many are in it after that has changed, at most once in an interval (rooms.stats_interval). changed() may
// be called from any thread. Rooms that change at the same time are counted by one statement.
#include "features/rooms/rooms_store.hpp"

#include <stoa/core/config_types.hpp>
#include <stoa/net/paced.hpp>
#include <stoa/postgres/loader.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/roster.hpp>

namespace stoa::rooms {

class RoomStatsTeller {
 public:
  RoomStatsTeller(net::Runtime& runtime, pg::Database& db, realtime::Hub& hub,
                  const realtime::Roster& roster, Duration interval);

  void changed(RoomId room) { rooms_.changed(room); }

 private:
  Task<> tell(RoomId room);

  pg::Loader<RoomId, store::FoundCount> counts_;
  realtime::Hub& hub_;
  const realtime::Roster& roster_;
  net::Paced<RoomId> rooms_;
};

}  // namespace stoa::rooms
