#include <stoa/core/base64.hpp>
#include <stoa/core/error.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/names.hpp>
#include <stoa/core/values.hpp>

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa {
namespace {

TEST(Values, EmailAcceptsWhatMailCanReach) {
  for (const char* good : {"a@b.co", "first.last+tag@sub.example.org", "o'neil@example.com",
                           "x_y-z@1example.com", "  padded@example.com\n"}) {
    EXPECT_TRUE(Email::parse(good)) << good;
  }
  EXPECT_EQ(Email::parse(" a@b.co ")->value, "a@b.co");
  const std::string local(64, 'a');
  EXPECT_TRUE(Email::parse(local + "@example.com"));
  EXPECT_FALSE(Email::parse(local + "a@example.com"));
  EXPECT_FALSE(Email::parse("a@" + std::string(250, 'b') + ".com"));
  for (const char* bad : {"",
                          "@",
                          "a",
                          "a@",
                          "@b.co",
                          "a@b",
                          "a..b@c.de",
                          ".a@b.co",
                          "a.@b.co",
                          "a@b..co",
                          "a@-b.co",
                          "a@b-.co",
                          "a b@c.de",
                          "a@b c.de",
                          "a@b.co\nbcc: d@e.fg",
                          "\"q\"@b.co",
                          "a@[127.0.0.1]",
                          "a@b.co,c@d.ef",
                          "<a@b.co>",
                          "a@b@c.de",
                          "\xC3\xA9@b.co"}) {
    EXPECT_FALSE(Email::parse(bad)) << bad;
  }
}

TEST(Values, AnInternationalDomainIsOneAddressInBothItsSpellings) {
  const auto address = Email::parse("Ada@b\u00FCcher.example");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->value, "Ada@xn--bcher-kva.example");
  EXPECT_EQ(Email::parse("Ada@XN--Bcher-KVA.example")->value, address->value);
  EXPECT_EQ(Email::parse("ada@Sub.Example.org")->value, "ada@Sub.Example.org");
  for (const char* bad : {"a@b\u00FCcher", "a@xn--a.example", "a@b\u00FC cher.example",
                          "a@.b\u00FCcher.example", "a@b\u00FCcher.example."}) {
    EXPECT_FALSE(Email::parse(bad)) << bad;
  }
}

TEST(Values, WebUrlHasWhatNoUriHasAsEscapes) {
  const auto kept = [](const char* text) { return WebUrl::parse(text).value_or(WebUrl{}).value; };
  EXPECT_EQ(kept("https://example.org/a[1].png?b[]=c#[d]"),
            "https://example.org/a%5B1%5D.png?b%5B%5D=c#%5Bd%5D");
  EXPECT_EQ(kept("https://example.org/\u00FC {x}|^\"<>`"),
            "https://example.org/%C3%BC%20%7Bx%7D%7C%5E%22%3C%3E%60");
  EXPECT_EQ(kept("https://example.org/%5B?a=%20"), "https://example.org/%5B?a=%20");
  EXPECT_EQ(kept("http://[::1]:3000/a[b]"), "http://[::1]:3000/a%5Bb%5D");
  EXPECT_EQ(kept("https://b\u00FCcher.example:8080/x"), "https://xn--bcher-kva.example:8080/x");
  for (const char* bad : {"https://a[b].example/", "https://example.org/100%",
                          "https://example.org/a\\b", "https://example.org/a\nb",
                          "https://b\u00FC cher.example/", "https://u:p@b\u00FCcher.example/"}) {
    EXPECT_FALSE(WebUrl::parse(bad)) << bad;
  }
  EXPECT_FALSE(WebUrl::parse("https://example.org/" + std::string(1000, '[')));
}

TEST(Values, WebUrlIsHttpAndAbsolute) {
  for (const char* good : {"https://example.org", "http://127.0.0.1:3000/a?b=c#d"}) {
    EXPECT_TRUE(WebUrl::parse(good)) << good;
  }
  for (const char* bad : {"", "example.org", "//example.org/x", "javascript:alert(1)", "ftp://a.b/",
                          "data:text/html,x", "http://", "http:///x", "https://a b/"}) {
    EXPECT_FALSE(WebUrl::parse(bad)) << bad;
  }
  for (const char* of_no_browser :
       {"http://a:99999/", "http://a:b/", "http://256.256.256.256/", "http://1.2.3.999/",
        "http://4294967296/", "https://a.999/", "https://a%00b/"}) {
    EXPECT_FALSE(WebUrl::parse(of_no_browser)) << of_no_browser;
  }
  EXPECT_FALSE(WebUrl::parse("https://example.org/" + std::string(2048, 'x')));
}

TEST(Values, Utf8IsCheckedToTheLastBit) {
  for (const char* good : {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                           "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xE2\x82",
                          "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xFF", "a\xFE"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << bad;
  }
  EXPECT_EQ(code_points("a\xC3\xA9\xF0\x9F\x98\x80"), 3u);
}

TEST(Values, TrimsWhatPeoplePaste) {
  EXPECT_EQ(trim(" \t\n a b \r\n"), "a b");
  EXPECT_EQ(trim("\xC2\xA0\xE3\x80\x80"
                 "a"
                 "\xE2\x80\xAF\xEF\xBB\xBF"),
            "a");
  EXPECT_EQ(trim(" \xC2\xA0 "), "");
  EXPECT_EQ(trim("\u205Fa\u2009"), "a");
  EXPECT_EQ(trim("\u2764\uFE0F\u200D"), "\u2764\uFE0F\u200D");  // may be part of what can be seen
  EXPECT_EQ(trim("\xFF a \xFF"), "\xFF a \xFF");
  EXPECT_TRUE(has_control("a\x01"));
  EXPECT_TRUE(has_control("a\x7F"));
  EXPECT_TRUE(has_control("\x1B[2J"));
  EXPECT_FALSE(has_control("a\tb\nc\r"));
}

TEST(Base64, BothAlphabetsThereAndBack) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_encode("\xFB\xFF"), "+/8=");
  EXPECT_EQ(base64url_encode("\xFB\xFF"), "-_8");
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* bad : {"A", "Zg==", "Zh", "Zm9vYmF", "+/8", "Zg\n", " Zg", "Z*", "AAAAA"}) {
    EXPECT_FALSE(base64url_decode(bad)) << bad;
  }
}

enum class Sample { first, second_, in_between };
BOOST_DESCRIBE_ENUM(Sample, first, second_, in_between)

struct Named {
  int one_two = 0;
  int class_ = 0;
};
BOOST_DESCRIBE_STRUCT(Named, (), (one_two, class_))

TEST(Names, FollowTheDeclaration) {
  EXPECT_EQ(enum_name(Sample::second_), "second");
  EXPECT_EQ(enum_from<Sample>("second"), Sample::second_);
  EXPECT_EQ(enum_from<Sample>("in_between"), Sample::in_between);
  EXPECT_FALSE(enum_from<Sample>("second_"));
  EXPECT_FALSE(enum_from<Sample>(""));
  std::vector<std::string> names;
  boost::mp11::mp_for_each<boost::describe::describe_members<Named, boost::describe::mod_public>>(
      [&](auto member) { names.emplace_back(wire_name<decltype(member)>().view()); });
  EXPECT_EQ(names, (std::vector<std::string>{"oneTwo", "class"}));
  EXPECT_EQ(schema_name("stoa::rooms::Page<stoa::rooms::RoomCard>"), "PageRoomCard");
  EXPECT_EQ(type_name<Uuid>(), "Uuid");
}

TEST(Errors, HaveDistinctWireNamesAndFittingStatuses) {
  std::set<std::string_view> names;
  for (const auto& row : common_codes()) {
    EXPECT_TRUE(names.insert(row.wire).second) << row.wire;
    EXPECT_GE(row.http_status, 400);
    EXPECT_LT(row.http_status, 600);
    EXPECT_FALSE(row.message.empty());
  }
}

}  // namespace
}  // namespace stoa
