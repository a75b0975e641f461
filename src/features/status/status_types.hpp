#pragma once
// What /api/health and /api/stats answer.
#include <stoa/core/binding.hpp>

#include <cstdint>
#include <string>

namespace stoa::status {

enum class Overall { ok, degraded };
BOOST_DESCRIBE_ENUM(Overall, ok, degraded)
enum class Component { up, down };
BOOST_DESCRIBE_ENUM(Component, up, down)

// The groups of people who are together on this node now.
struct LiveStats {
  std::int64_t total_groups = 0;
  std::int64_t total_users = 0;
  double average_group_size = 0;
};
BOOST_DESCRIBE_STRUCT(LiveStats, (), (total_groups, total_users, average_group_size))

struct Components {
  Component database = Component::down;
};
BOOST_DESCRIBE_STRUCT(Components, (), (database))

struct Health {
  Overall status = Overall::ok;
  Timestamp timestamp;
  double uptime = 0;  // seconds, with their fraction
  std::string name;   // of the server, as its operator calls it
  std::string version;
  LiveStats stats;
  Components components;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status, timestamp, uptime, name, version, stats, components))

struct Stats {
  std::int64_t groups = 0;       // together now
  std::int64_t connections = 0;  // sockets of this node
  std::int64_t users = 0;
  std::int64_t rooms = 0;
  std::int64_t messages = 0;
};
BOOST_DESCRIBE_STRUCT(Stats, (), (groups, connections, users, rooms, messages))

}  // namespace stoa::status
