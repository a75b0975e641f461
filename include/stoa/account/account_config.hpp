#pragma once
// [account] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::account {

using namespace std::chrono_literals;

struct AccountConfig {
  Duration export_every = 10min;   // between two copies of everything that one person takes
  Duration export_time = 2h;       // that one may take, as slowly as it is read
  std::size_t max_exports = 32;    // under way at once, one a person
  std::size_t export_threads = 1;  // that pack them
};
BOOST_DESCRIBE_STRUCT(AccountConfig, (), (export_every, export_time, max_exports, export_threads))

// Throws ConfigError.
void check(const AccountConfig& account, const Config& all);

}  // namespace stoa::account
