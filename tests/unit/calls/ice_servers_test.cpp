// Credentials as coturn's static-auth-secret expects them.
#include "features/calls/ice_servers.hpp"

#include <stoa/calls/calls_config.hpp>

#include <gtest/gtest.h>

namespace stoa::calls {
namespace {

TEST(TurnCredential, IsHmacSha1InBase64) {
  // RFC 2202, test case 2, in base64.
  EXPECT_EQ(turn_credential("Jefe", "what do ya want for nothing?"),
            "7/zfauXrL6LSdBbV8YTfnCWafHk=");
}

TEST(IceServers, TurnWantsBothAnAddressAndASecret) {
  const UserId user = UserId::make();
  TurnConfig config;
  EXPECT_TRUE(ice_servers_for(user, config, now()).ice_servers.empty());
  config.urls = {"turn:turn.example.org"};
  EXPECT_TRUE(ice_servers_for(user, config, now()).ice_servers.empty());
  config.secret.value = "s";
  config.stun_urls = {"stun:stun.example.org"};
  const Timestamp at{std::chrono::seconds(1'700'000'000)};
  const auto answer = ice_servers_for(user, config, at);
  ASSERT_EQ(answer.ice_servers.size(), 2u);
  EXPECT_FALSE(answer.ice_servers[0].username.value.has_value());
  EXPECT_EQ(answer.ice_servers[1].username.value, "1700003600:" + user.str());
  EXPECT_EQ(answer.expires_at, at + std::chrono::hours(1));
}

}  // namespace
}  // namespace stoa::calls
