#include <stoa/identity/code_hash.hpp>

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::identity {
namespace {

const TokenKey kOldCodeKey{"old", {"an old secret of more than 32 bytes"}};
const TokenKey kNewCodeKey{"new", {"a new secret of more than 32 bytes."}};

TEST(CodeHash, MatchesItsCodeAlone) {
  const CodeHash hash(std::vector<TokenKey>{kNewCodeKey});
  const std::string stored = hash.make("123456", "row");
  EXPECT_EQ(stored.size(), 43u);
  EXPECT_EQ(stored.find("123456"), std::string::npos);
  EXPECT_TRUE(hash.matches(stored, "123456", "row"));
  for (const char* code : {"", "123457", "12345", "1234567"}) {
    EXPECT_FALSE(hash.matches(stored, code, "row")) << code;
  }
  EXPECT_FALSE(hash.matches(stored, "123456", "other row"));
  EXPECT_FALSE(hash.matches("", "123456", "row"));
  // What belongs to the row is not taken for the code.
  EXPECT_NE(hash.make("23456", "row1"), hash.make("123456", "row"));
}

TEST(CodeHash, MadeWithAnOlderKeyStillMatches) {
  const std::string stored = CodeHash(std::vector<TokenKey>{kOldCodeKey}).make("123456", "row");
  EXPECT_TRUE(
      CodeHash(std::vector<TokenKey>{kNewCodeKey, kOldCodeKey}).matches(stored, "123456", "row"));
  EXPECT_FALSE(CodeHash(std::vector<TokenKey>{kNewCodeKey}).matches(stored, "123456", "row"));
}

TEST(RandomDigits, AreDigitsEachAsLikelyAsTheOthers) {
  std::array<int, 10> seen{};
  const std::string digits = random_digits(4'000'000);
  ASSERT_EQ(digits.size(), 4'000'000u);
  for (const char c : digits) {
    ASSERT_TRUE(c >= '0' && c <= '9');
    ++seen[static_cast<std::size_t>(c - '0')];
  }
  // 400,000 of each are expected; seven standard deviations are 4,200, and 256 values on ten digits would bring 6,250 more.
  for (const int count : seen) EXPECT_NEAR(count, 400'000, 4'200);
  EXPECT_EQ(random_digits(6).size(), 6u);
  EXPECT_EQ(random_digits(0), "");
}

}  // namespace
}  // namespace stoa::identity
