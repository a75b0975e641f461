#include <stoa/core/config_check.hpp>
#include <stoa/second_factor/second_factor_config.hpp>

namespace stoa::second_factor {

void check(const SecondFactorConfig& second_factor, const Config&) {
  using namespace config;
  if (second_factor.issuer.find(':') != std::string::npos) {
    refuse("second_factor.issuer", "must have no colon: apps take it for the end of the name");
  }
  check_count("second_factor.recovery_codes", second_factor.recovery_codes, 20, 5);
  check_count("second_factor.attempts", second_factor.attempts, 100);
  check_time("second_factor.wait", second_factor.wait, 1s, 24h);
}

}  // namespace stoa::second_factor
