#include <stoa/core/base64.hpp>
#include <stoa/identity/sealer.hpp>

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::identity {
namespace {

const TokenKey kOld{"2025.1", {"an old secret of more than 32 bytes"}};
const TokenKey kNew{"2026.1", {"a new secret of more than 32 bytes."}};

std::vector<TokenKey> keys(std::initializer_list<TokenKey> all) {
  return all;
}

TEST(Sealer, OpensWhatItHasSealed) {
  const Sealer sealer(keys({kNew}), "test");
  for (const std::string& plain : {std::string(), std::string("a link"), std::string("\0\xff", 2),
                                   std::string(100'000, 'x')}) {
    const std::string sealed = sealer.seal(plain, "me");
    EXPECT_EQ(sealer.open(sealed, "me"), plain);
  }
  EXPECT_EQ(sealer.seal("a link", "me").find("a link"), std::string::npos);
}

TEST(Sealer, SealsTheSameTextDifferentlyEachTime) {
  const Sealer sealer(keys({kNew}), "test");
  std::set<std::string> sealed;
  for (int i = 0; i < 100; ++i) sealed.insert(sealer.seal("a", "me"));
  EXPECT_EQ(sealed.size(), 100u);
}

TEST(Sealer, OpensNothingOfWhichAByteHasChanged) {
  const Sealer sealer(keys({kNew}), "test");
  const std::string sealed = sealer.seal("a link", "me");
  const auto dot = sealed.rfind('.');
  const std::string bytes = base64url_decode(sealed.substr(dot + 1)).value();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string other = bytes;
    other[i] = static_cast<char>(other[i] ^ 1);
    const std::string changed = sealed.substr(0, dot + 1) + base64url_encode(other);
    EXPECT_EQ(sealer.open(changed, "me"), std::nullopt) << i;
    const std::string cut = sealed.substr(0, dot + 1) + base64url_encode(bytes.substr(0, i));
    EXPECT_EQ(sealer.open(cut, "me"), std::nullopt) << i;
  }
  for (const char* other : {"", ".", "2026.1", "2026.1.", "nobody.AAAA", "2026.1.!"}) {
    EXPECT_EQ(sealer.open(other, "me"), std::nullopt) << other;
  }
}

TEST(Sealer, OpensNothingForAnotherThingOrPurpose) {
  const Sealer sealer(keys({kNew}), "test");
  const std::string sealed = sealer.seal("a link", "me");
  EXPECT_EQ(sealer.open(sealed, "you"), std::nullopt);
  EXPECT_EQ(sealer.open(sealed, ""), std::nullopt);
  EXPECT_EQ(Sealer(keys({kNew}), "other").open(sealed, "me"), std::nullopt);
}

TEST(Sealer, SealsWithTheFirstKeyAndOpensWithAll) {
  const std::string old = Sealer(keys({kOld}), "test").seal("a", "me");
  const Sealer both(keys({kNew, kOld}), "test");
  EXPECT_EQ(both.open(old, "me"), "a");
  EXPECT_EQ(Sealer::kid_of(old), "2025.1");
  EXPECT_EQ(Sealer::kid_of(both.seal("a", "me")), "2026.1");
  EXPECT_EQ(Sealer(keys({kNew}), "test").open(old, "me"), std::nullopt);
  // Of one name, with another secret.
  const Sealer namesake(keys({{kOld.kid, kNew.secret}}), "test");
  EXPECT_EQ(namesake.open(old, "me"), std::nullopt);
}

TEST(Sealer, WithoutKeysMakesOneForItself) {
  const Sealer sealer({}, "test");
  const Sealer later({}, "test");
  EXPECT_TRUE(sealer.has_temporary_key());
  EXPECT_FALSE(Sealer(keys({kNew}), "test").has_temporary_key());
  EXPECT_EQ(sealer.open(sealer.seal("a", "me"), "me"), "a");
  EXPECT_EQ(later.open(sealer.seal("a", "me"), "me"), std::nullopt);
}

}  // namespace
}  // namespace stoa::identity
