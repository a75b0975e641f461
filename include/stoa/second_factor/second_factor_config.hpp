#pragma once
// [second_factor] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::second_factor {

using namespace std::chrono_literals;

struct SecondFactorConfig {
  std::string issuer;               // what apps call the account's server; empty: server.name
  std::size_t recovery_codes = 10;  // that a person gets at once
  std::size_t attempts = 10;        // wrong codes of one person before it slows down
  Duration wait = 1h;               // the longest between two attempts then
};
BOOST_DESCRIBE_STRUCT(SecondFactorConfig, (), (issuer, recovery_codes, attempts, wait))

// Throws ConfigError.
void check(const SecondFactorConfig& second_factor, const Config& all);

}  // namespace stoa::second_factor
