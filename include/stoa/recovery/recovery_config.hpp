#pragma once
// [recovery] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::recovery {

using namespace std::chrono_literals;

// How long the links are good.
struct RecoveryConfig {
  Duration verify_ttl = 24h;
  Duration reset_ttl = 10min;
  Duration change_ttl = 1h;
  Duration operator_ttl = 1h;  // to be handed over otherwise than by mail
};
BOOST_DESCRIBE_STRUCT(RecoveryConfig, (), (verify_ttl, reset_ttl, change_ttl, operator_ttl))

// Throws ConfigError.
void check(const RecoveryConfig& recovery, const Config& all);

}  // namespace stoa::recovery
