#include <stoa/core/page_origin.hpp>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace stoa {
namespace {

TEST(PageOrigin, IsWrittenAsBrowsersDo) {
  const std::vector<std::pair<std::string, std::string>> all = {
      {"https://App.Example.org", "https://app.example.org"},
      {"HTTPS://app.example", "https://app.example"},
      {"https://app.example:443", "https://app.example"},
      {"http://app.example:80", "http://app.example"},
      {"http://app.example:443", "http://app.example:443"},
      {"https://app.example:08443", "https://app.example:8443"},
      {"http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"},
      {"http://10.0.0.7", "http://10.0.0.7"},
      {"null", "null"},
      {"file://", "file://"},
      {"capacitor://localhost", "capacitor://localhost"},
      {"tauri://localhost", "tauri://localhost"},
      {"app://.", "app://."},
      {"chrome-extension://abcdefgh", "chrome-extension://abcdefgh"},
  };
  for (const auto& [written, sent] : all) EXPECT_EQ(canonical_origin(written), sent) << written;
}

TEST(PageOrigin, IsNothingElse) {
  for (const char* no : {"",
                         "app.example",
                         "https://",
                         "https://app.example/",
                         "https://app.example/x",
                         "https://a@app.example",
                         "https://*.example",
                         "https://b\xC3\xBC"
                         "cher.example",
                         "https://app.example:",
                         "https://app.example:0",
                         "https://app.example:65536",
                         "https://app.example:x",
                         "https://app example",
                         "https://127.1",
                         "http://[::1",
                         "http://[x]",
                         "http://[::1]x",
                         "://app.example",
                         "wss://app.example",
                         "https://.example"}) {
    EXPECT_FALSE(canonical_origin(no)) << no;
  }
}

TEST(OriginList, ComparesWholeOrigins) {
  using Match = OriginList::Match;
  const std::vector<std::string> names = {"HTTPS://App.example:443", "null"};
  const OriginList named(names);
  EXPECT_EQ(named.match("https://app.example"), Match::named);
  EXPECT_EQ(named.match("https://app.example:443"), Match::named);
  EXPECT_EQ(named.match("null"), Match::named);
  for (const char* other : {"https://app.example.evil", "https://xapp.example",
                            "http://app.example", "https://app.example:444", "file://", ""}) {
    EXPECT_EQ(named.match(other), Match::none) << other;
  }
  const std::vector<std::string> star = {"*", "https://app.example"};
  const OriginList any(star);
  EXPECT_EQ(any.match("https://app.example"), Match::named);
  for (const char* other : {"null", "file://", "capacitor://localhost", "https://b.example"}) {
    EXPECT_EQ(any.match(other), Match::any) << other;
  }
}

}  // namespace
}  // namespace stoa
