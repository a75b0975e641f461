#pragma once
// [groups] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::groups {

using namespace std::chrono_literals;

// Of PeerShare's clients.
struct GroupsConfig {
  std::size_t max_groups = 10000;
  std::size_t max_groups_per_user = 20;       // that one person has opened and that are still there
  std::size_t max_groups_per_address = 1000;  // likewise of the guests of an address
  std::size_t max_members = 50;
  Duration empty_ttl = 1min;  // how long a group without people waits for somebody to come back
};
BOOST_DESCRIBE_STRUCT(GroupsConfig, (),
                      (max_groups, max_groups_per_user, max_groups_per_address, max_members,
                       empty_ttl))

// Throws ConfigError.
void check(const GroupsConfig& groups, const Config& all);

}  // namespace stoa::groups
