#pragma once
// [rooms] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::rooms {

using namespace std::chrono_literals;

struct RoomsConfig {
  std::size_t max_participants_limit = 500;
  std::size_t max_rooms_per_user = 100;
  std::size_t max_memberships_per_user = 1000;  // in open rooms, those one has made among them
  std::size_t max_invites_per_room = 100;
  Duration stats_interval = 250ms;  // between two room_stats_updated of one room
};
BOOST_DESCRIBE_STRUCT(RoomsConfig, (),
                      (max_participants_limit, max_rooms_per_user, max_memberships_per_user,
                       max_invites_per_room, stats_interval))

// Throws ConfigError.
void check(const RoomsConfig& rooms, const Config& all);

}  // namespace stoa::rooms
