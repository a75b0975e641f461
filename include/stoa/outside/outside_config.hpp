#pragma once
// [oidc] of the configuration and its [[oidc.provider]]; config/stoa.toml says what each key is for.
#include <stoa/core/config.hpp>
#include <stoa/oidc/id_token.hpp>
#include <stoa/oidc/key_set.hpp>

#include <string>
#include <vector>

namespace stoa::outside {

using namespace std::chrono_literals;

// What is known of an issuer beforehand.
enum class Preset { none, google, apple, microsoft, firebase };
BOOST_DESCRIBE_ENUM(Preset, none, google, apple, microsoft, firebase)

struct ProviderConfig {
  std::string name;  // in requests and in the log; empty: the preset's
  Preset preset = Preset::none;
  std::string project;  // of Firebase
  std::string issuer;
  std::string discovery_url;  // empty: below the issuer
  std::string jwks_url;       // empty: by discovery
  std::vector<std::string> client_ids;
  std::vector<std::string> authorized_parties;
  std::vector<std::string> algorithms;  // empty: RS256
  std::vector<std::string> tenants;     // of Microsoft
  bool trust_email = true;
  bool direct = false;
};
BOOST_DESCRIBE_STRUCT(ProviderConfig, (),
                      (name, preset, project, issuer, discovery_url, jwks_url, client_ids,
                       authorized_parties, algorithms, tenants, trust_email, direct))

struct OidcConfig {
  std::vector<ProviderConfig> provider;
  std::size_t threads = 1;  // that verify signatures
  std::size_t queue = 256;
  std::size_t remembered = 20000;   // tokens that were found good
  std::size_t waiting = 1000;       // for the keys of a provider
  std::size_t max_identities = 10;  // of one account, that it has by hand
  Duration keys_least_age = 5min;
  Duration keys_most_age = 24h;
  Duration keys_interval = 30s;    // between two fetches
  Duration time_limit = 10s;       // of one of them
  Duration left_kept = 180 * 24h;  // identities whose account was deleted
};
BOOST_DESCRIBE_STRUCT(OidcConfig, (),
                      (provider, threads, queue, remembered, waiting, max_identities,
                       keys_least_age, keys_most_age, keys_interval, time_limit, left_kept))

// Throws ConfigError.
void check(const OidcConfig& oidc, const Config& all);

// A provider with what its preset says.
struct Plan {
  oidc::KeySource keys;
  oidc::Rules rules;
  bool trust_email = true;
  bool direct = false;
};
Plan plan_of(const ProviderConfig& provider);
oidc::KeyOptions key_options(const OidcConfig& oidc);

}  // namespace stoa::outside
