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

TEST(RefreshToken, IsKnownByItsMark) {
  identity::TokenOptions options;
  options.keys = {{"new", {std::string(32, 'n')}}, {"old", {std::string(32, 'o')}}};
  const RefreshMarks marks(options);
  const auto token = RefreshToken::make();
  const std::string text = marks.text(token);
  EXPECT_EQ(text.size(), 110U);
  ASSERT_TRUE(marks.read(text));
  EXPECT_TRUE(marks.read(text)->is_ours);
  EXPECT_EQ(marks.read(text)->token.hash(), token.hash());
  // Any key marks it; what has another one's, or none, is as well formed.
  options.keys = {{"old", {std::string(32, 'o')}}};
  EXPECT_TRUE(marks.read(RefreshMarks(options).text(token))->is_ours);
  EXPECT_FALSE(RefreshMarks(options).read(text)->is_ours);
  EXPECT_FALSE(marks.read(token.text())->is_ours);
  EXPECT_FALSE(marks.read(token.successor().text() + text.substr(87))->is_ours);
  EXPECT_EQ(marks.read(token.text())->token.hash(), token.hash());
  for (const std::string& bad : {text + "a", text.substr(0, 109), token.text() + ".",
                                 token.text() + "x" + text.substr(88)}) {
    EXPECT_FALSE(marks.read(bad)) << bad;
  }
  EXPECT_EQ(token.key(), token.successor().key());
  EXPECT_FALSE(token.key() == RefreshToken::make().key());
}

}  // namespace
}  // namespace stoa::auth
