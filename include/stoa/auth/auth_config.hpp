#pragma once
// [auth] of the configuration; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>
#include <stoa/identity/token_options.hpp>

#include <span>

namespace stoa::auth {

using namespace std::chrono_literals;

struct AuthConfig {
  std::string issuer = "stoa";
  std::string audience = "stoa";
  std::vector<identity::TokenKey> keys;          // the first signs, all verify
  std::vector<identity::TokenKey> sealing_keys;  // the first seals, all open; none: `keys`
  Duration access_token_ttl = std::chrono::hours(7 * 24);
  Duration refresh_token_ttl = std::chrono::hours(30 * 24);
  std::size_t bcrypt_cost = 12;
  std::size_t bcrypt_threads = 2;
  std::size_t bcrypt_queue = 256;
  std::size_t max_sessions_per_user = 50;  // signed-in devices; the oldest gives way
  std::size_t login_attempts = 10;         // wrong passwords for one account before it slows down
  Duration login_wait = 1min;              // the longest wait between two attempts then
  std::size_t login_tracked = 100000;      // accounts whose attempts are remembered
  std::size_t session_cache = 100000;      // sign-ins whose state and token are remembered
  Duration session_cache_ttl = 60s;
  Duration ticket_ttl = 60s;              // of the one-time tickets that sign sockets in
  std::size_t max_tickets_per_user = 20;  // unused ones; the oldest gives way
  Duration fresh_for = 10min;             // after signing in, for what the account depends on
};
BOOST_DESCRIBE_STRUCT(AuthConfig, (),
                      (issuer, audience, keys, sealing_keys, access_token_ttl, refresh_token_ttl,
                       bcrypt_cost, bcrypt_threads, bcrypt_queue, max_sessions_per_user,
                       login_attempts, login_wait, login_tracked, session_cache, session_cache_ttl,
                       ticket_ttl, max_tickets_per_user, fresh_for))

// Throws ConfigError.
void check(const AuthConfig& auth, const Config& all);

inline identity::TokenOptions token_options(const AuthConfig& auth) {
  return {auth.issuer, auth.audience, auth.keys, auth.access_token_ttl};
}

// What seals that which the database must not show (<stoa/identity/sealer.hpp>).
inline std::span<const identity::TokenKey> sealing_keys(const AuthConfig& auth) {
  return auth.sealing_keys.empty() ? auth.keys : auth.sealing_keys;
}

}  // namespace stoa::auth
