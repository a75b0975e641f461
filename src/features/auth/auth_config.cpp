#include <stoa/auth/auth_config.hpp>
#include <stoa/core/config_check.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace stoa::auth {

namespace {

void check_keys(const std::string& name, const std::vector<identity::TokenKey>& keys) {
  using namespace config;
  constexpr std::size_t kLeast = 32;  // RFC 7518 section 3.2: as long as the hash
  std::set<std::string> kids;
  for (const auto& key : keys) {
    if (key.kid.empty() || key.kid.size() > 64)
      refuse(name + ".kid", "must have 1 to 64 characters");
    if (!kids.insert(key.kid).second)
      refuse(name + ".kid", "\"" + key.kid + "\" stands there twice");
    if (key.secret.value.size() < kLeast) {
      refuse(name + ".secret", "the key \"" + key.kid + "\" has fewer than 32 bytes");
    }
  }
}

void check_keys(const AuthConfig& auth, const Config& all) {
  using namespace config;
  const bool loopback =
      std::all_of(all.listener.begin(), all.listener.end(),
                  [](const config::Listener& l) { return is_loopback(l.address); });
  if (auth.keys.empty() && !loopback) {
    refuse(
        "auth.keys",
        "no key signs the tokens; only a server that listens on loopback alone makes its own. Set "
        "STOA_AUTH_KEYS=name:secret, the secret as from: openssl rand -hex 32");
  }
  check_keys("auth.keys", auth.keys);
  check_keys("auth.sealing_keys", auth.sealing_keys);
}

}  // namespace

void check(const AuthConfig& a, const Config& all) {
  using namespace config;
  check_keys(a, all);
  if (a.issuer.empty()) refuse("auth.issuer", "must not be empty");
  if (a.audience.empty()) refuse("auth.audience", "must not be empty");
  check_time("auth.access_token_ttl", a.access_token_ttl, 1s, 24h * 400);
  check_time("auth.refresh_token_ttl", a.refresh_token_ttl, 1s, 24h * 400);
  if (a.refresh_token_ttl < a.access_token_ttl) {
    refuse("auth.refresh_token_ttl", "must not be shorter than auth.access_token_ttl");
  }
  check_count("auth.bcrypt_cost", a.bcrypt_cost, 18, 4);
  check_count("auth.bcrypt_threads", a.bcrypt_threads, 64);
  check_count("auth.bcrypt_queue", a.bcrypt_queue, 100'000);
  check_count("auth.max_sessions_per_user", a.max_sessions_per_user, 10'000);
  check_count("auth.login_attempts", a.login_attempts, 1'000'000);
  check_time("auth.login_wait", a.login_wait, 1s, 1h);
  check_count("auth.login_tracked", a.login_tracked, 100'000'000, 16);
  check_count("auth.session_cache", a.session_cache, 10'000'000, 16);
  check_time("auth.session_cache_ttl", a.session_cache_ttl, 0ms, 1h);
  check_time("auth.ticket_ttl", a.ticket_ttl, 1s, 1h);
  check_count("auth.max_tickets_per_user", a.max_tickets_per_user, 10'000);
  check_time("auth.fresh_for", a.fresh_for, 1min, 24h);
}

}  // namespace stoa::auth
