#include "features/auth/verified_tokens.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/core/error.hpp>

#include <gtest/gtest.h>

namespace stoa::auth {
namespace {

using namespace std::chrono_literals;

class Tokens : public testing::Test {
 protected:
  static AuthConfig options() {
    AuthConfig auth;
    auth.access_token_ttl = 60s;
    return auth;
  }
  std::string issue() { return tokens_.issue(user_, session_, Role::learner, now_); }

  const Timestamp now_ = now();
  const UserId user_ = UserId::make();
  const AuthSessionId session_ = AuthSessionId::make();
  identity::AccessTokens tokens_{token_options(options())};
  VerifiedTokens verified_{tokens_, 32};
};

TEST_F(Tokens, AKnownOneAnswersTheSameClaimsUpToItsEnd) {
  const std::string token = issue();
  const auto first = verified_.verify(token, now_);
  const auto again = verified_.verify(token, now_ + 1s);
  EXPECT_EQ(again.user, user_);
  EXPECT_EQ(again.session, session_);
  EXPECT_EQ(again.expires_at, first.expires_at);
  EXPECT_EQ(verified_.size(), 1u);
  EXPECT_THROW(verified_.verify(token, first.expires_at), Error);
  EXPECT_EQ(verified_.size(), 0u);
}

TEST_F(Tokens, ABadOneIsNeitherKeptNorTakenForItsGoodNeighbour) {
  std::string token = issue();
  verified_.verify(token, now_);
  token[token.size() / 2] = token[token.size() / 2] == 'x' ? 'y' : 'x';
  EXPECT_THROW(verified_.verify(token, now_), Error);
  EXPECT_THROW(verified_.verify(token, now_), Error);
  EXPECT_THROW(verified_.verify("", now_), Error);
  EXPECT_EQ(verified_.size(), 1u);
}

TEST_F(Tokens, TheirNumberIsBounded) {
  for (int i = 0; i < 200; ++i) verified_.verify(issue(), now_);
  EXPECT_LE(verified_.size(), 32u);
}

}  // namespace
}  // namespace stoa::auth
