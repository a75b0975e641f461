#include <stoa/core/config_check.hpp>
#include <stoa/matches/matches_config.hpp>

namespace stoa::matches {

void check(const MatchesConfig& matches, const Config&) {
  config::check_count("matches.candidates", matches.candidates, 1000);
}

}  // namespace stoa::matches
