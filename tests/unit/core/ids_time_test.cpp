#include <stoa/core/ids.hpp>
#include <stoa/core/time.hpp>

#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace stoa {
namespace {

TEST(Ids, AreVersion7AndSortByAge) {
  const auto milliseconds = [] {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  };
  const auto before = milliseconds();
  const Uuid id = Uuid::v7();
  const auto after = milliseconds();
  EXPECT_EQ(id.bytes[6] >> 4, 7);
  EXPECT_EQ(id.bytes[8] >> 6, 2);
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  EXPECT_GE(ms, before);
  EXPECT_LE(ms, after);
  const Uuid later = [ms] {
    Uuid next = Uuid::v7();
    // The clock's next tick: at most a millisecond away.
    while (true) {
      std::int64_t at = 0;
      for (std::size_t i = 0; i < 6; ++i) at = at << 8 | next.bytes[i];
      if (at > ms) return next;
      next = Uuid::v7();
    }
  }();
  EXPECT_LT(id.str(), later.str());
}

TEST(Ids, DoNotRepeatAcrossThreads) {
  constexpr std::size_t kEach = 2000;
  std::vector<std::vector<Uuid>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      for (std::size_t i = 0; i < kEach; ++i) mine.push_back(Uuid::v7());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<Uuid> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), made.size() * kEach);
}

TEST(Ids, ParseTheCanonicalFormOnly) {
  const std::string text = "019a8d3e-7f4b-7c21-9e55-0123456789ab";
  ASSERT_TRUE(Uuid::parse(text));
  EXPECT_EQ(Uuid::parse(text)->str(), text);
  EXPECT_EQ(Uuid::parse("019A8D3E-7F4B-7C21-9E55-0123456789AB")->str(), text);
  for (const char* bad :
       {"", "019a8d3e", "019a8d3e7f4b7c219e550123456789ab", "019a8d3e-7f4b-7c21-9e55-0123456789a",
        "019a8d3e-7f4b-7c21-9e55-0123456789abc", "{19a8d3e-7f4b-7c21-9e55-0123456789a}",
        "019a8d3g-7f4b-7c21-9e55-0123456789ab", "019a8d3e-7f4b-7c21-9e55_0123456789ab",
        "-19a8d3e07f4b-7c21-9e55-0123456789ab", "' or 1=1 --                         "}) {
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
}

TEST(Ids, ParseNoneWithACharacterThatIsNoDigitWhereverItStands) {
  const std::string text = "019a8d3e-7f4b-7c21-9e55-0123456789ab";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char c : {'g', 'G', '/', ':', '@', '`', '-', ' ', '\0', '\xFF'}) {
      if (text[at] == c) continue;
      std::string bad = text;
      bad[at] = c;
      EXPECT_FALSE(Uuid::parse(bad)) << bad;
    }
  }
}

TEST(Time, IsRfc3339WithMilliseconds) {
  const auto when = parse_timestamp("2026-01-15T10:30:00.123456Z");
  ASSERT_TRUE(when);
  EXPECT_EQ(to_rfc3339(*when), "2026-01-15T10:30:00.123Z");
  EXPECT_EQ(when->time_since_epoch().count() % 1000000, 123456);
  EXPECT_EQ(to_rfc3339(Timestamp{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_http_date(*when), "Thu, 15 Jan 2026 10:30:00 GMT");
}

TEST(Time, ReadsOffsetsAndPostgres) {
  const auto base = parse_timestamp("2026-01-15T10:30:00Z");
  for (const char* same :
       {"2026-01-15T16:00:00+05:30", "2026-01-15 10:30:00+00", "2026-01-15t10:30:00.000z",
        "2026-01-14T23:30:00-11:00", "2026-01-15 10:30:00.000000+00"}) {
    EXPECT_EQ(parse_timestamp(same), base) << same;
  }
  for (const char* bad :
       {"", "2026-01-15", "2026-13-15T10:30:00Z", "2026-02-30T10:30:00Z", "2026-01-15T24:30:00Z",
        "2026-01-15T10:60:00Z", "2026-01-15T10:30:00", "2026-01-15T10:30:00.Z",
        "2026-01-15T10:30:00+5:30", "26-01-15T10:30:00Z", "2026-01-15T10:30:00Zx", "infinity"}) {
    EXPECT_FALSE(parse_timestamp(bad)) << bad;
  }
}

TEST(Time, IsOfTheYearsThatAreWrittenWithFourDigits) {
  for (const char* good : {"0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"}) {
    const auto when = parse_timestamp(good);
    ASSERT_TRUE(when) << good;
    EXPECT_EQ(to_rfc3339(*when), good);
  }
  EXPECT_TRUE(parse_timestamp("9999-12-31T23:59:59.999999+00"));
  for (const char* bad :
       {"0000-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_timestamp(bad)) << bad;
  }
}

TEST(Time, HasNoLeapSeconds) {
  for (const char* bad :
       {"2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5Z", "2026-01-15T10:30:61Z"}) {
    EXPECT_FALSE(parse_timestamp(bad)) << bad;
  }
}

TEST(Time, SurvivesADay) {
  // Every minute around a leap day, there and back.
  for (auto when = *parse_timestamp("2028-02-28T23:00:00Z");
       when < *parse_timestamp("2028-03-01T02:00:00Z"); when += std::chrono::minutes(1)) {
    EXPECT_EQ(parse_timestamp(to_rfc3339(when)), when);
  }
}

}  // namespace
}  // namespace stoa
