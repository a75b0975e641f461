#include <stoa/core/origin_pattern.hpp>

#include <gtest/gtest.h>

namespace stoa {
namespace {

struct Row {
  const char* pattern;
  bool is_tls;
  const char* host;
  std::uint16_t port;
};

TEST(OriginPattern, MatchesItsSchemeHostAndPortAlone) {
  const auto matches = [](const Row& row) {
    return OriginPattern::parse(row.pattern).value().matches(row.is_tls, row.host, row.port);
  };
  for (const Row& row : {
           Row{"example.org", true, "example.org", 443},
           Row{"EXAMPLE.org", true, "example.org", 443},
           Row{"https://example.org/a/path?q=1", true, "example.org", 443},
           Row{"https://example.org:8443", true, "example.org", 8443},
           Row{"http://10.0.0.7:9000", false, "10.0.0.7", 9000},
           Row{"http://[::1]:9000/", false, "::1", 9000},
           Row{"*.example.org", true, "a.b.example.org", 443},
           Row{"*", true, "anything.example", 443},
       }) {
    EXPECT_TRUE(matches(row)) << row.pattern << ' ' << row.host;
  }
  for (const Row& row : {
           Row{"example.org", false, "example.org", 80},
           Row{"example.org", true, "example.org", 8443},
           Row{"example.org", true, "example.org.evil.example", 443},
           Row{"*.example.org", true, "example.org", 443},
           Row{"*.example.org", true, "evilexample.org", 443},
           Row{"*", false, "example.org", 80},
           Row{"*", true, "example.org", 22},
           Row{"http://example.org", true, "example.org", 443},
       }) {
    EXPECT_FALSE(matches(row)) << row.pattern << ' ' << row.host;
  }
}

TEST(OriginPattern, IsNoOtherText) {
  for (const char* text :
       {"", "https://", "ftp://example.org", "user@example.org", "https://user:word@example.org",
        "example.org:", "example.org:0", "example.org:70000", "example.org:8o", "a b", ".org",
        "org.", "*example.org", "a.*.org", "::1", "[::1", "[]", "[example.org]", "[::1]x"}) {
    EXPECT_FALSE(OriginPattern::parse(text)) << text;
  }
}

}  // namespace
}  // namespace stoa
