#include <stoa/identity/passwords.hpp>

#include <ctime>

#include <gtest/gtest.h>

namespace stoa::identity {
namespace {

TEST(Passwords, HashesAreSaltedAndVerify) {
  const Passwords passwords(4);
  const auto first = passwords.hash("correct horse");
  const auto second = passwords.hash("correct horse");
  EXPECT_TRUE(first.starts_with("h1:$2b$04$"));
  EXPECT_EQ(first.size(), 63u);
  EXPECT_NE(first, second);
  EXPECT_TRUE(passwords.verify("correct horse", first));
  EXPECT_TRUE(passwords.verify("correct horse", second));
  EXPECT_FALSE(passwords.verify("correct horsE", first));
  EXPECT_FALSE(passwords.verify("", first));
}

TEST(Passwords, NothingIsCutOff) {
  const Passwords passwords(4);
  const std::string long_one(72, 'a');
  const auto stored = passwords.hash(long_one + "1");
  EXPECT_TRUE(passwords.verify(long_one + "1", stored));
  EXPECT_FALSE(passwords.verify(long_one + "2", stored));
  EXPECT_FALSE(passwords.verify(long_one, stored));
  const std::string with_nul("ab\0cd", 5);
  EXPECT_FALSE(passwords.verify("ab", passwords.hash(with_nul)));
  const std::string emoji = "\xF0\x9F\x94\x91\xF0\x9F\x94\x91";
  EXPECT_TRUE(passwords.verify(emoji, passwords.hash(emoji)));
}

TEST(Passwords, AStoredTextOfAnotherKindNeverMatches) {
  const Passwords passwords(4);
  for (const char* stored :
       {"", "h1:", "plain", "h1:plain", "$2b$04$", "h1:*0", "h1:*1", "h1:$2b$04$short",
        "h1:$1$salt$hash", "h1:$2b$99$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_FALSE(passwords.verify("plain", stored)) << stored;
    EXPECT_FALSE(passwords.verify("", stored)) << stored;
  }
  // The bare bcrypt hash without our prefix is none of ours.
  EXPECT_FALSE(passwords.verify("x", passwords.hash("x").substr(3)));
}

TEST(Passwords, TheCostIsPartOfTheHash) {
  const Passwords cheap(4), dear(6);
  const auto stored = cheap.hash("correct horse");
  EXPECT_FALSE(cheap.outdated(stored));
  EXPECT_TRUE(dear.outdated(stored));
  EXPECT_TRUE(dear.outdated("elsewhere"));
  EXPECT_TRUE(dear.verify("correct horse", stored));
}

TEST(Passwords, TheDecoyCostsAsMuchAndMatchesNothing) {
  const Passwords passwords(9);
  EXPECT_FALSE(passwords.outdated(passwords.decoy()));
  const auto stored = passwords.hash("correct horse");
  // The processor's time: what others do with the machine does not count.
  const auto time = [&](const std::string& against) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(passwords.verify("wrong", against));
    return static_cast<double>(std::clock() - start);
  };
  const double known = time(stored);
  const double unknown = time(passwords.decoy());
  EXPECT_GT(unknown, known * 0.5);
  EXPECT_LT(unknown, known * 2.0);
}

TEST(Passwords, TheCommonestAreKnown) {
  for (const char* common :
       {"password", "12345678", "PassWord", "qwertyuiop", "baseball", "football1"}) {
    EXPECT_TRUE(is_common_password(common)) << common;
  }
  for (const char* rare :
       {"", "correct horse battery", "p4$$-w0rd-of-mine", "passwor", "password\n"}) {
    EXPECT_FALSE(is_common_password(rare)) << rare;
  }
}

}  // namespace
}  // namespace stoa::identity
