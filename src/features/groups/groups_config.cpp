#include <stoa/core/config_check.hpp>
#include <stoa/groups/groups_config.hpp>

namespace stoa::groups {

void check(const GroupsConfig& groups, const Config&) {
  using namespace config;
  check_count("groups.max_groups", groups.max_groups, 1'000'000);
  check_count("groups.max_groups_per_user", groups.max_groups_per_user, 1'000'000);
  check_count("groups.max_groups_per_address", groups.max_groups_per_address, 1'000'000);
  check_count("groups.max_members", groups.max_members, 1000, 2);
  check_time("groups.empty_ttl", groups.empty_ttl, 0ms, 24h);
}

}  // namespace stoa::groups
