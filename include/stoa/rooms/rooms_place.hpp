#pragma once
// Being in a room right now: what others see as presence. Several sessions of one person count once.
#include <stoa/core/ids.hpp>
#include <stoa/realtime/place.hpp>

#include <variant>

namespace stoa::rooms {

inline constexpr realtime::PlaceKind kRoomPlace{"room"};

inline realtime::Place place_of(RoomId id) {
  return {&kRoomPlace, id.uuid};
}

inline RoomId room_of(const realtime::Place& place) {
  return {std::get<Uuid>(place.id)};
}

}  // namespace stoa::rooms
