#include <stoa/core/text.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa {
namespace {

TEST(Text, IsBlankWhenNothingOfItCanBeSeen) {
  for (const char* blank :
       {"", " \t\r\n", "\u00A0", "\u205F\u3000", "\u200B", "\u202E", "\u2060\uFEFF", "\u00AD",
        "\u3164", "\uFE0F", " \u200D \U000E0041", "\u2800", "\uFFFC", "\U0001D159\U00016FE4"}) {
    EXPECT_TRUE(is_blank(blank)) << blank;
  }
  for (const char* text :
       {"a", " . ", "\u200Ba", "\u0301", "\u4E2D", "\U0001F600", "\u202Eabc\u202C", "\xFF"}) {
    EXPECT_FALSE(is_blank(text)) << text;
  }
}

TEST(Text, IsOneLineOnceItsControlsAreBlanks) {
  EXPECT_EQ(one_line("a\r\nb\tc\x7f"
                     "d\x01"),
            "a  b c d ");
  EXPECT_EQ(one_line("\u00E4 \u2028"), "\u00E4 \u2028");
}

TEST(Text, HasSmallLettersWhereASCIIHasCapitals) {
  EXPECT_EQ(small_letters("Ada.O'Neill+X@XN--BCHER-KVA.Example"),
            "ada.o'neill+x@xn--bcher-kva.example");
  EXPECT_EQ(small_letters("\u00C4[`Z"), "\u00C4[`z");
}

TEST(Text, IsUndirectedWithoutTheControlsAndMarksOfDirection) {
  EXPECT_EQ(undirected("\u202Aa\u202Bb\u202Cc\u202Dd\u202Ee\u2066f\u2067g\u2068h\u2069i"),
            "abcdefghi");
  EXPECT_EQ(undirected("\u061C\u0639\u0644\u06CC\u200E\u200F"), "\u0639\u0644\u06CC");
  for (const char* text :
       {"", "Ada", "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", "\u0915\u094D\u200D\u0937",
        "\U0001F469\u200D\u2764\uFE0F\u200D\U0001F468", "\u200B\u2028\u2060", "a\xFF\xE2\x80"}) {
    EXPECT_EQ(undirected(text), text);
  }
}

TEST(Text, AWordIsLettersAndDigitsInARow) {
  EXPECT_EQ(longest_word(""), 0U);
  EXPECT_EQ(longest_word("-- \U0001F600 \xFF%"), 0U);
  EXPECT_EQ(longest_word("a-b2 \u00E9t\u00E9 x"), 3U);
  EXPECT_EQ(longest_word("\u4E2D\u6587"), 2U);
}

TEST(Text, RunsWithoutSpacesAreOfScriptsThatHaveNone) {
  using Runs = std::vector<std::string_view>;
  EXPECT_EQ(runs_without_spaces("C\u8BED\u8A00x \u6570\u5B66\uFF0C\u7684"),
            (Runs{"\u8BED\u8A00", "\u6570\u5B66", "\u7684"}));
  EXPECT_EQ(runs_without_spaces("\u30B9\u30FC\u30D1 \uC218\uD559"),
            (Runs{"\u30B9\u30FC\u30D1", "\uC218\uD559"}));
  EXPECT_EQ(runs_without_spaces("\u0E44\u0E17\u0E22 \u0E57 \u1781\u17D2\u1798"),
            (Runs{"\u0E44\u0E17\u0E22", "\u0E57", "\u1781\u17D2\u1798"}));
  EXPECT_EQ(
      runs_without_spaces("gr\u00F6\u00DFe \u0414\u0430 \u0939\u093F \u3002 \xE6\x95 7 \U0001F600"),
      Runs{});
}

TEST(Text, AnEmojiIsAnyThatIsRecommended) {
  for (const char* emoji :
       {"\U0001F44D", "\u2764\uFE0F", "1\uFE0F\u20E3", "#\uFE0F\u20E3", "\U0001F1F5\U0001F1F9",
        "\u00A9\uFE0F", "\U0001F44B\U0001F3FD", "\u261D\U0001F3FB",
        "\U0001F3CB\uFE0F\u200D\u2642\uFE0F", "\U0001F3CB\U0001F3FB\u200D\u2642\uFE0F",
        "\U0001F469\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466",
        "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
        "\U0001F469\U0001F3FB\u200D\u2764\uFE0F\u200D\U0001F48B\u200D\U0001F468\U0001F3FF"}) {
    EXPECT_EQ(canonical_emoji(emoji), emoji);
  }
}

TEST(Text, AnEmojiIsTheSameWithAndWithoutItsSelectors) {
  EXPECT_EQ(canonical_emoji("\u2764"), "\u2764\uFE0F");
  EXPECT_EQ(canonical_emoji("\u2764\uFE0E"), "\u2764\uFE0F");
  EXPECT_EQ(canonical_emoji("\U0001F44D\uFE0F"), "\U0001F44D");
  EXPECT_EQ(canonical_emoji("1\u20E3"), "1\uFE0F\u20E3");
  EXPECT_EQ(canonical_emoji("\u261D\uFE0F\U0001F3FB"), "\u261D\U0001F3FB");
  EXPECT_EQ(canonical_emoji("\U0001F3CB\u200D\u2642"), "\U0001F3CB\uFE0F\u200D\u2642\uFE0F");
}

// Telephones have them before Debian's ICU has: one of joiners, one of Unicode 16, a character that is still reserved.
TEST(Text, AnEmojiMayBeNewerThanIcu) {
  for (const char* emoji :
       {"\u26D3\uFE0F\u200D\U0001F4A5", "\U0001FAE9", "\U0001FAFF", "\U0001FAFF\U0001F3FD"}) {
    EXPECT_EQ(canonical_emoji(emoji), emoji);
  }
}

TEST(Text, WhatIsNoEmojiIsNone) {
  for (const char* text : {"",
                           "ok",
                           "1",
                           "#",
                           "12",
                           "\u00E4",
                           "\u4E2D",
                           "\u200D",
                           "\uFE0F",
                           "\u20E3",
                           "\U0001F1F5",
                           "\U0001F44D\U0001F44D",
                           "\U0001F44Da",
                           "\U0001F44D\u200D",
                           "\u200D\U0001F44D",
                           "\U0001F44D\u200D\u200D\U0001F44D",
                           "\u2764\U0001F3FB!",
                           "\U000E0067",
                           "\U000F0000",
                           "\xF0\x9F\x91"}) {
    EXPECT_FALSE(canonical_emoji(text)) << text;
  }
  std::string many = "\U0001F44D";
  for (int i = 0; i < 9; ++i) many += "\u200D\U0001F44D";
  EXPECT_FALSE(canonical_emoji(many));
}

TEST(Text, ADomainIsOneInBothItsSpellings) {
  EXPECT_EQ(ascii_domain("b\u00FCcher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(ascii_domain("B\u00DCCHER\u3002Example"), "xn--bcher-kva.example");
  EXPECT_EQ(ascii_domain("bu\u0308cher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(ascii_domain("XN--BCHER-KVA.example"), "xn--bcher-kva.example");
  EXPECT_EQ(ascii_domain("stra\u00DFe.example"), "xn--strae-oqa.example");
  for (const std::string& bad :
       {std::string(""), std::string("xn--a.example"), std::string("b\u00FC cher.example"),
        std::string("\u202Eb\u00FC.example"), "\u00FC" + std::string(64, 'a'),
        "\u00FC." + std::string(2000, 'a')}) {
    EXPECT_FALSE(ascii_domain(bad)) << bad;
  }
}

TEST(Text, LanguageTagsHaveOneForm) {
  EXPECT_EQ(canonical_language_tag("en-us"), "en-US");
  EXPECT_EQ(canonical_language_tag("EN"), "en");
  EXPECT_EQ(canonical_language_tag("en-GB-oxendict"), "en-GB-oxendict");
  EXPECT_EQ(canonical_language_tag("EN-gb-OXENDICT"), "en-GB-oxendict");
  EXPECT_EQ(canonical_language_tag("zh-hant-tw"), "zh-Hant-TW");
  EXPECT_EQ(canonical_language_tag("de-DE-u-co-phonebk"), "de-DE-u-co-phonebk");
  EXPECT_EQ(canonical_language_tag("iw"), "he");
  for (const std::string& bad :
       {std::string(""), std::string("e"), std::string("en-"), std::string("en_US"),
        std::string("english"), std::string("en-USA"), std::string("root"), std::string("und"),
        std::string("x-mine"), std::string("en US"), "en-x" + std::string(200, '-')}) {
    EXPECT_FALSE(canonical_language_tag(bad)) << bad;
  }
}

TEST(Text, TimeZonesHaveTheirOldNamesToo) {
  for (const char* zone : {"Europe/Lisbon", "CET", "GMT", "EST5EDT", "EST", "UTC", "Etc/GMT+5",
                           "Asia/Kolkata", "Asia/Calcutta", "Europe/Kyiv", "GB-Eire", "Japan"}) {
    EXPECT_TRUE(is_time_zone(zone)) << zone;
  }
  for (const std::string& bad :
       {std::string(""), std::string("Mars/Base"), std::string("PST"), std::string("GMT+3"),
        std::string("+03:00"), std::string("Etc/Unknown"), std::string("Factory"),
        std::string("SystemV/EST5"), std::string(65, 'a')}) {
    EXPECT_FALSE(is_time_zone(bad)) << bad;
  }
}

}  // namespace
}  // namespace stoa
