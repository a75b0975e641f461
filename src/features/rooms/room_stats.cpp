#include "features/rooms/room_stats.hpp"

#include "features/rooms/rooms_types.hpp"

#include <stoa/rooms/rooms_place.hpp>
#include <stoa/rooms/rooms_topic.hpp>

#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace stoa::rooms {

RoomStatsTeller::RoomStatsTeller(net::Runtime& runtime, pg::Database& db, realtime::Hub& hub,
                                 const realtime::Roster& roster, Duration interval)
    : runtime_(runtime),
      counts_(db, &store::count_members),
      hub_(hub),
      roster_(roster),
      interval_(interval),
      shards_(runtime.size()) {}

void RoomStatsTeller::changed(RoomId room) {
  const std::size_t shard = std::hash<RoomId>{}(room) % shards_.size();
  asio::post(runtime_.shard(shard).context, [this, shard, room] { note(shard, room); });
}

void RoomStatsTeller::note(std::size_t shard, RoomId room) {
  const auto [place, is_new] = shards_[shard].try_emplace(room);
  if (is_new) {
    runtime_.shard(shard).tasks.spawn("room_stats", tell(shard, room));
  } else {
    place->second.again = true;
  }
}

Task<> RoomStatsTeller::tell(std::size_t shard, RoomId room) {
  Rooms& rooms = shards_[shard];
  // However this ends, the room's next change begins anew.
  struct Forget {
    Rooms& rooms;
    RoomId room;
    ~Forget() { rooms.erase(room); }
  } forget{rooms, room};

  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      pause(runtime_.shard(shard).context.get_executor());
  do {
    rooms[room].again = false;
    const auto count = co_await counts_.load(room);
    if (!count) co_return;
    RoomStats stats{room, count->members, static_cast<int>(roster_.count_users(place_of(room)))};
    hub_.publish(topic_of(room), kRoomStats, stats);
    pause.expires_after(interval_);
    co_await pause.async_wait(use_task);
  } while (rooms[room].again);
}

}  // namespace stoa::rooms
