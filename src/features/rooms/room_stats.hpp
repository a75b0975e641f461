#pragma once
// Tells a room how many are in it after that has changed. A change is told at once, but the next one
// of the same room not before an interval (rooms.stats_interval) has passed, so a thousand people who
// come in together make a few events and not a thousand; the last number told is always the present
// one. changed() may be called from any thread; each room's work is done on one shard, which owns it. Rooms that change
// at the same time are counted by one statement.
#include "features/rooms/rooms_store.hpp"

#include <stoa/core/config.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/loader.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/roster.hpp>

#include <unordered_map>
#include <vector>

namespace stoa::rooms {

class RoomStatsTeller {
 public:
  RoomStatsTeller(net::Runtime& runtime, pg::Database& db, realtime::Hub& hub,
                  const realtime::Roster& roster, Duration interval);

  void changed(RoomId room);

 private:
  struct Pending {
    bool again = false;  // changed once more while it was being told
  };
  using Rooms = std::unordered_map<RoomId, Pending>;

  void note(std::size_t shard, RoomId room);
  Task<> tell(std::size_t shard, RoomId room);

  net::Runtime& runtime_;
  pg::Loader<RoomId, store::FoundCount> counts_;
  realtime::Hub& hub_;
  const realtime::Roster& roster_;
  Duration interval_;
  std::vector<Rooms> shards_;  // [shard]: touched there only
};

}  // namespace stoa::rooms
