#include "features/second_factor/recovery_codes.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace stoa::second_factor {
namespace {

TEST(RecoveryCodes, AreEightyBitsInFourGroups) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string code = make_recovery_code();
    ASSERT_EQ(code.size(), 19u);
    for (std::size_t at = 0; at < code.size(); ++at) {
      const char c = code[at];
      const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
      ASSERT_EQ(at % 5 == 4 ? c == '-' : is_letter, true) << code;
    }
    seen.insert(code);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(RecoveryCodes, AreTheSameHoweverTheyAreTyped) {
  const std::string hash = hash_recovery_code("a secret", "ABCD-EFGH-IJKL-2345");
  EXPECT_EQ(hash.size(), 43u);
  for (const char* typed : {"abcdefghijkl2345", " AbCd efgh-ijkl 2345 ", "--ABCDEFGHIJKL2345"}) {
    EXPECT_EQ(hash_recovery_code("a secret", typed), hash) << typed;
  }
}

TEST(RecoveryCodes, AreHashedWithTheSecret) {
  const std::string hash = hash_recovery_code("a secret", "ABCD-EFGH-IJKL-2345");
  EXPECT_NE(hash_recovery_code("another secret", "ABCD-EFGH-IJKL-2345"), hash);
  EXPECT_NE(hash_recovery_code("a secret", "ABCD-EFGH-IJKL-2346"), hash);
  EXPECT_NE(hash_recovery_code("a secret", ""), hash);
}

}  // namespace
}  // namespace stoa::second_factor
