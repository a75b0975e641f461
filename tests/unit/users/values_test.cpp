#include <stoa/users/values.hpp>

#include <gtest/gtest.h>

namespace stoa::users {
namespace {

TEST(Username, IsShortAndPlain) {
  for (const char* good : {"ada", "Ada.Lovelace-1815_x", "a1b", "123", " ada "}) {
    EXPECT_TRUE(Username::parse(good)) << good;
  }
  EXPECT_TRUE(Username::parse(std::string(30, 'a')));
  EXPECT_FALSE(Username::parse(std::string(31, 'a')));
  for (const char* bad : {"", "ab", "-ada", "ada.", "a da", "ad\na", "a@b", "\xC3\xA9ric", "a/b",
                          "<b>", "ada\xE2\x80\xAEx"}) {
    EXPECT_FALSE(Username::parse(bad)) << bad;
  }
}

TEST(TimeZone, HasTheFormOfAnIanaName) {
  for (const char* good :
       {"UTC", "Europe/Lisbon", "America/Argentina/Buenos_Aires", "Etc/GMT+3",
        "America/Port-au-Prince", "America/Port_of_Spain", "CET", "GMT", "EST5EDT", "GB-Eire"}) {
    EXPECT_TRUE(TimeZone::parse(good)) << good;
  }
  for (const char* bad : {"", "Europe/", "/Lisbon", "Europe//Lisbon", "a/b/c/d", "../etc/passwd",
                          "Europe/Lis bon", "Europe/Lisbon'", "+03:00"}) {
    EXPECT_FALSE(TimeZone::parse(bad)) << bad;
  }
}

TEST(Locale, IsALanguageTag) {
  for (const char* good : {"en", "pt-BR", "zh-Hant-TW", "es-419", "fil", "sr-Latn"}) {
    EXPECT_TRUE(Locale::parse(good)) << good;
  }
  for (const char* bad : {"", "e", "en-", "-en", "en_US", "en-USA", "english", "en-US-x", "en--US",
                          "en US", "en-US-x-longer-than-the-database-has"}) {
    EXPECT_FALSE(Locale::parse(bad)) << bad;
  }
}

TEST(Locale, IsKeptInCanonicalForm) {
  EXPECT_EQ(Locale::parse("en-us")->value, "en-US");
  EXPECT_EQ(Locale::parse("en-gb-oxendict")->value, "en-GB-oxendict");
}

}  // namespace
}  // namespace stoa::users
