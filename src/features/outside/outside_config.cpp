#include <stoa/core/config_check.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/origin_pattern.hpp>
#include <stoa/core/values.hpp>
#include <stoa/outside/outside_config.hpp>

#include <set>
#include <string_view>

namespace stoa::outside {
namespace {

constexpr std::size_t kMaxText = 512;
constexpr std::size_t kMaxList = 32;
constexpr std::string_view kMicrosoft = "https://login.microsoftonline.com/";

// Where nobody between can read it.
bool is_secure(const std::string& url) {
  const auto origin = OriginPattern::parse(url);
  if (!origin || !WebUrl::parse(url) || origin->host.find('*') != std::string::npos) return false;
  return origin->is_tls || origin->host == "localhost" || config::is_loopback(origin->host);
}

void check_url(const std::string& key, const std::string& url) {
  if (url.size() <= kMaxText && is_secure(url)) return;
  config::refuse(key, "must be an https address, or http on this machine");
}

void check_list(const std::string& key, const std::vector<std::string>& list) {
  config::check_count(key, list.size(), kMaxList, 0);
  for (const auto& one : list) {
    if (one.empty() || one.size() > kMaxText) config::refuse(key, "has texts of 1 to 512 bytes");
  }
}

void check_preset(const std::string& key, const ProviderConfig& p) {
  using config::refuse;
  const bool is_firebase = p.preset == Preset::firebase;
  if (is_firebase != !p.project.empty()) {
    refuse(key + ".project", "goes with preset = \"firebase\", and is needed there");
  }
  if (p.project.size() > 64) refuse(key + ".project", "must have at most 64 characters");
  if ((p.preset == Preset::none) != !p.issuer.empty()) {
    refuse(key + ".issuer", "is given where there is no preset, and only there");
  }
  if (p.preset == Preset::none) check_url(key + ".issuer", p.issuer);
  if ((p.preset == Preset::microsoft) != !p.tenants.empty()) {
    refuse(key + ".tenants", "go with preset = \"microsoft\", and are needed there");
  }
  if (is_firebase != p.client_ids.empty()) {
    refuse(key + ".client_ids", "are needed, but for Firebase, where the project is the client");
  }
  if (p.preset != Preset::none && !p.algorithms.empty()) {
    refuse(key + ".algorithms", "are the preset's");
  }
}

void check_provider(const std::string& key, const ProviderConfig& p) {
  using config::refuse;
  const std::string name = plan_of(p).keys.name;
  const bool plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (name.empty() || name.size() > 32 || !plain) {
    refuse(key + ".name", "must be 1 to 32 small letters, digits and hyphens");
  }
  check_preset(key, p);
  if (!p.discovery_url.empty()) check_url(key + ".discovery_url", p.discovery_url);
  if (!p.jwks_url.empty()) check_url(key + ".jwks_url", p.jwks_url);
  check_list(key + ".client_ids", p.client_ids);
  check_list(key + ".authorized_parties", p.authorized_parties);
  check_list(key + ".tenants", p.tenants);
  check_list(key + ".algorithms", p.algorithms);
  for (const auto& one : p.algorithms) {
    if (!enum_from<oidc::Algorithm>(one)) {
      refuse(key + ".algorithms",
             "\"" + one + "\" is none of RS256, PS256, ES256 and EdDSA, which are those taken");
    }
  }
}

}  // namespace

void check(const OidcConfig& o, const Config&) {
  using namespace config;
  check_count("oidc.threads", o.threads, 64);
  check_count("oidc.queue", o.queue, 100'000);
  check_count("oidc.remembered", o.remembered, 10'000'000, 16);
  check_count("oidc.waiting", o.waiting, 100'000);
  check_count("oidc.max_identities", o.max_identities, 1000);
  check_time("oidc.keys_least_age", o.keys_least_age, 1s, 24h);
  check_time("oidc.keys_most_age", o.keys_most_age, o.keys_least_age, 24h * 7);
  check_time("oidc.keys_interval", o.keys_interval, 100ms, 1h);
  check_time("oidc.time_limit", o.time_limit, 100ms, 1min);
  check_time("oidc.left_kept", o.left_kept, 1h, 10 * 366 * 24h);
  check_count("oidc.provider", o.provider.size(), 16, 0);
  std::set<std::string> names, issuers;
  for (const auto& provider : o.provider) {
    check_provider("oidc.provider", provider);
    const Plan plan = plan_of(provider);
    if (!names.insert(plan.keys.name).second) {
      refuse("oidc.provider.name", "\"" + plan.keys.name + "\" stands there twice");
    }
    // A token names its issuer alone.
    if (plan.direct && !issuers.insert(plan.rules.issuers.front()).second) {
      refuse("oidc.provider.direct", "two providers of one issuer cannot both be direct");
    }
  }
}

Plan plan_of(const ProviderConfig& p) {
  Plan plan;
  plan.trust_email = p.trust_email;
  plan.direct = p.direct;
  plan.keys.name =
      p.name.empty() && p.preset != Preset::none ? std::string(enum_name(p.preset)) : p.name;
  plan.keys.jwks_url = p.jwks_url;
  plan.rules.audiences = p.client_ids;
  plan.rules.authorized_parties = p.authorized_parties;
  plan.rules.tenants = p.tenants;
  for (const auto& one : p.algorithms) {
    if (const auto known = enum_from<oidc::Algorithm>(one)) plan.rules.algorithms.push_back(*known);
  }
  if (p.algorithms.empty()) plan.rules.algorithms = {oidc::Algorithm::RS256};
  std::string& issuer = plan.keys.issuer;
  std::string discovery;
  switch (p.preset) {
    case Preset::none:
      issuer = p.issuer;
      break;
    case Preset::google:  // in tokens with the scheme or without
      issuer = "https://accounts.google.com";
      plan.rules.issuers = {issuer, "accounts.google.com"};
      break;
    case Preset::apple:
      issuer = "https://appleid.apple.com";
      break;
    case Preset::microsoft:  // its addresses are whatever a tenant's administrator writes
      issuer = std::string(kMicrosoft) + "{tenantid}/v2.0";
      discovery = std::string(kMicrosoft) + "common/v2.0/.well-known/openid-configuration";
      plan.trust_email = false;
      break;
    case Preset::firebase:
      issuer = "https://securetoken.google.com/" + p.project;
      plan.rules.audiences = {p.project};
      plan.rules.needs_auth_time = true;
      if (plan.keys.jwks_url.empty()) {
        plan.keys.jwks_url =
            "https://www.googleapis.com/service_accounts/v1/jwk/"
            "securetoken@system.gserviceaccount.com";
      }
      break;
  }
  if (plan.rules.issuers.empty()) plan.rules.issuers = {issuer};
  if (discovery.empty()) {
    const std::string_view slash = issuer.ends_with('/') ? "" : "/";
    discovery.append(issuer).append(slash).append(".well-known/openid-configuration");
  }
  plan.keys.discovery_url = p.discovery_url.empty() ? discovery : p.discovery_url;
  return plan;
}

oidc::KeyOptions key_options(const OidcConfig& o) {
  return {.least_age = o.keys_least_age,
          .most_age = o.keys_most_age,
          .fetch_interval = o.keys_interval,
          .time_limit = o.time_limit,
          .waiting = o.waiting};
}

}  // namespace stoa::outside
