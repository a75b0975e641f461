#include <stoa/core/config_check.hpp>
#include <stoa/recovery/recovery_config.hpp>

namespace stoa::recovery {

void check(const RecoveryConfig& r, const Config&) {
  using namespace config;
  check_time("recovery.verify_ttl", r.verify_ttl, 1h, 24h * 7);
  check_time("recovery.reset_ttl", r.reset_ttl, 1min, 10min);  // OWASP ASVS 6.5.5
  check_time("recovery.change_ttl", r.change_ttl, 1min, 24h);
  check_time("recovery.operator_ttl", r.operator_ttl, 1min, 24h);
}

}  // namespace stoa::recovery
