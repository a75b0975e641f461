#include <stoa/account/account_config.hpp>
#include <stoa/core/config_check.hpp>

namespace stoa::account {

void check(const AccountConfig& account, const Config&) {
  using namespace config;
  check_time("account.export_every", account.export_every, 0ms, 30 * 24h);
  check_time("account.export_time", account.export_time, 100ms, 7 * 24h);
  check_count("account.max_exports", account.max_exports, 1000);
  check_count("account.export_threads", account.export_threads, 64);
}

}  // namespace stoa::account
