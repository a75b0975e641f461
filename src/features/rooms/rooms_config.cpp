#include <stoa/core/config_check.hpp>
#include <stoa/rooms/rooms_config.hpp>

namespace stoa::rooms {

void check(const RoomsConfig& rooms, const Config&) {
  using namespace config;
  check_count("rooms.max_participants_limit", rooms.max_participants_limit, 500, 2);
  check_count("rooms.max_rooms_per_user", rooms.max_rooms_per_user, 1'000'000);
  check_count("rooms.max_memberships_per_user", rooms.max_memberships_per_user, 1'000'000,
              rooms.max_rooms_per_user);
  check_count("rooms.max_invites_per_room", rooms.max_invites_per_room, 100'000);
  check_time("rooms.stats_interval", rooms.stats_interval, 0ms, 1min);
}

}  // namespace stoa::rooms
