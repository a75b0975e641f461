#pragma once
// [matches] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>

namespace stoa::matches {

struct MatchesConfig {
  std::size_t candidates =
      200;  // people or rooms of each subject or skill that are looked at, the newest
};
BOOST_DESCRIBE_STRUCT(MatchesConfig, (), (candidates))

// Throws ConfigError.
void check(const MatchesConfig& matches, const Config& all);

}  // namespace stoa::matches
