#include "features/auth/refresh_token.hpp"

#include <gtest/gtest.h>

namespace stoa::auth {
namespace {

TEST(RefreshToken, GoesToTextAndBack) {
  const auto token = RefreshToken::make();
  EXPECT_EQ(token.text().size(), 87u);
  const auto back = RefreshToken::parse(token.text());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->hash(), token.hash());
  EXPECT_EQ(back->family_hash(), token.family_hash());
  EXPECT_NE(token.hash(), token.family_hash());
  for (const std::string& bad : {std::string(), std::string("."), token.family, token.text() + "a",
                                 token.text().substr(1), std::string(87, 'a')}) {
    EXPECT_FALSE(RefreshToken::parse(bad)) << bad;
  }
}

TEST(RefreshToken, ASuccessorKeepsTheFamilyAlone) {
  const auto token = RefreshToken::make();
  const auto next = token.successor();
  EXPECT_EQ(next.family, token.family);
  EXPECT_NE(next.secret, token.secret);
  EXPECT_NE(next.hash(), token.hash());
}

TEST(RefreshToken, TheSuccessorIsSealedWithTheTokenBeforeIt) {
  const auto token = RefreshToken::make();
  const auto next = token.successor();
  const auto sealed = seal(token, next);
  EXPECT_EQ(sealed.find(next.secret), std::string::npos);
  EXPECT_EQ(unseal(token, sealed)->text(), next.text());
  const auto other = unseal(next, sealed);
  EXPECT_NE(other->secret, next.secret);
  EXPECT_FALSE(unseal(token, ""));
  EXPECT_FALSE(unseal(token, "not base64!"));
  EXPECT_FALSE(unseal(token, sealed.substr(4)));
}

}  // namespace
}  // namespace stoa::auth
