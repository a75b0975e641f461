#include <stoa/core/config_check.hpp>
#include <stoa/users/users_config.hpp>

namespace stoa::users {

void check(const UsersConfig& users, const Config&) {
  config::check_count("users.max_blocks", users.max_blocks, 100'000);
}

}  // namespace stoa::users
