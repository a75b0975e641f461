// What a provider may be configured as, and what its preset makes of it.
#include <stoa/core/config.hpp>
#include <stoa/outside/outside_config.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa::outside {
namespace {

ProviderConfig preset(Preset preset) {
  ProviderConfig provider;
  provider.preset = preset;
  provider.client_ids = {"client"};
  return provider;
}

ProviderConfig google() {
  return preset(Preset::google);
}

ProviderConfig plain() {
  ProviderConfig provider;
  provider.name = "school";
  provider.issuer = "https://id.example.org";
  provider.client_ids = {"client"};
  return provider;
}

ProviderConfig firebase() {
  ProviderConfig provider;
  provider.preset = Preset::firebase;
  provider.project = "project";
  return provider;
}

// Empty where it is taken.
std::string refusal(std::vector<ProviderConfig> providers) {
  OidcConfig oidc;
  oidc.provider = std::move(providers);
  try {
    check(oidc, Config());
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

template <class Change>
std::string refusal_of(ProviderConfig provider, Change change) {
  change(provider);
  return refusal({provider});
}

TEST(OidcConfig, TakesOneOfEachKind) {
  ProviderConfig microsoft = google();
  microsoft.preset = Preset::microsoft;
  microsoft.tenants = {"f47ac10b-58cc-4372-a567-0e02b2c3d479"};
  EXPECT_EQ(refusal({google(), plain(), firebase(), microsoft}), "");
  EXPECT_EQ(refusal_of(plain(), [](auto& p) { p.issuer = "http://127.0.0.1:8080"; }), "");
  EXPECT_EQ(refusal_of(plain(), [](auto& p) { p.issuer = "http://localhost:8080/auth"; }), "");
}

TEST(OidcConfig, SaysWhichKeyCannotBe) {
  using P = ProviderConfig;
  const auto begins = [](const std::string& text, const char* key) {
    return text.starts_with(std::string("oidc.provider.") + key + ":");
  };
  const auto expect = [&](const char* key, ProviderConfig base, void (*change)(P&)) {
    const std::string said = refusal_of(std::move(base), change);
    EXPECT_TRUE(begins(said, key)) << key << " " << said;
  };
  expect("name", plain(), [](P& p) { p.name = ""; });
  expect("name", plain(), [](P& p) { p.name = "My School"; });
  expect("name", plain(), [](P& p) { p.name = std::string(33, 'a'); });
  expect("issuer", plain(), [](P& p) { p.issuer = "http://id.example.org"; });
  expect("issuer", plain(), [](P& p) { p.issuer = "id.example.org"; });
  expect("issuer", plain(), [](P& p) { p.issuer = ""; });
  expect("issuer", plain(), [](P& p) { p.issuer = "https://*.example.org"; });
  expect("issuer", google(), [](P& p) { p.issuer = "https://accounts.google.com"; });
  expect("jwks_url", plain(), [](P& p) { p.jwks_url = "http://id.example.org/keys"; });
  expect("discovery_url", plain(), [](P& p) { p.discovery_url = "file:///etc/passwd"; });
  expect("client_ids", plain(), [](P& p) { p.client_ids = {}; });
  expect("client_ids", plain(), [](P& p) { p.client_ids = {""}; });
  expect("client_ids", firebase(), [](P& p) { p.client_ids = {"client"}; });
  expect("project", firebase(), [](P& p) { p.project = ""; });
  expect("project", plain(), [](P& p) { p.project = "project"; });
  expect("tenants", plain(), [](P& p) { p.tenants = {"tenant"}; });
  expect("tenants", google(), [](P& p) { p.preset = Preset::microsoft; });
  expect("algorithms", plain(), [](P& p) { p.algorithms = {"HS256"}; });
  expect("algorithms", plain(), [](P& p) { p.algorithms = {"none"}; });
  expect("algorithms", google(), [](P& p) { p.algorithms = {"ES256"}; });
  EXPECT_TRUE(begins(refusal({plain(), plain()}), "name"));
  ProviderConfig one = plain(), other = plain();
  one.direct = other.direct = true;
  other.name = "other";
  EXPECT_TRUE(begins(refusal({one, other}), "direct"));
}

TEST(OidcConfig, APresetKnowsTheIssuer) {
  const Plan plan = plan_of(firebase());
  EXPECT_EQ(plan.keys.name, "firebase");
  EXPECT_EQ(plan.rules.issuers, std::vector<std::string>{"https://securetoken.google.com/project"});
  EXPECT_EQ(plan.rules.audiences, std::vector<std::string>{"project"});
  EXPECT_TRUE(plan.rules.needs_auth_time);
  EXPECT_TRUE(plan.keys.jwks_url.starts_with("https://www.googleapis.com/"));
  EXPECT_EQ(plan_of(google()).keys.discovery_url,
            "https://accounts.google.com/.well-known/openid-configuration");
  const Plan apple = plan_of(preset(Preset::apple));
  EXPECT_EQ(apple.keys.name, "apple");
  EXPECT_EQ(apple.keys.issuer, "https://appleid.apple.com");
  EXPECT_EQ(apple.rules.issuers, std::vector<std::string>{"https://appleid.apple.com"});
  EXPECT_EQ(apple.keys.discovery_url, "https://appleid.apple.com/.well-known/openid-configuration");
  EXPECT_TRUE(apple.keys.jwks_url.empty());
  EXPECT_TRUE(apple.trust_email);
  ProviderConfig slash = plain();
  slash.issuer = "https://id.example.org/";
  EXPECT_EQ(plan_of(slash).keys.discovery_url,
            "https://id.example.org/.well-known/openid-configuration");
  EXPECT_EQ(plan_of(slash).keys.issuer, "https://id.example.org/");
}

// Its document is the one of all tenants, whose issuer has a blank for the tenant.
TEST(OidcConfig, MicrosoftHasOneDocumentForAllTenants) {
  ProviderConfig provider = preset(Preset::microsoft);
  provider.tenants = {"f47ac10b-58cc-4372-a567-0e02b2c3d479"};
  const Plan plan = plan_of(provider);
  EXPECT_EQ(plan.keys.name, "microsoft");
  EXPECT_EQ(plan.keys.issuer, "https://login.microsoftonline.com/{tenantid}/v2.0");
  EXPECT_EQ(plan.keys.discovery_url,
            "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration");
  EXPECT_TRUE(plan.keys.jwks_url.empty());
  EXPECT_EQ(plan.rules.issuers,
            std::vector<std::string>{"https://login.microsoftonline.com/{tenantid}/v2.0"});
  EXPECT_EQ(plan.rules.tenants, provider.tenants);
  EXPECT_FALSE(plan.trust_email) << "an administrator writes whatever address";
  provider.discovery_url = "https://login.microsoftonline.us/common/v2.0";
  EXPECT_EQ(plan_of(provider).keys.discovery_url, provider.discovery_url);
}

}  // namespace
}  // namespace stoa::outside
