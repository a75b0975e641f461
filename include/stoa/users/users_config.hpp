#pragma once
// [users] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::users {

struct UsersConfig {
  std::size_t max_blocks = 1000;  // people whom one person has blocked
};
BOOST_DESCRIBE_STRUCT(UsersConfig, (), (max_blocks))

// Throws ConfigError.
void check(const UsersConfig& users, const Config& all);

}  // namespace stoa::users
