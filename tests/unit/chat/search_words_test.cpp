#include "features/chat/search_words.hpp"

#include "../postgres/support.hpp"

#include <stoa/core/text.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/migrator.hpp>
#include <stoa/postgres/search_query.hpp>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::chat {
namespace {

struct Text {
  std::string text;
  std::string words;
};
BOOST_DESCRIBE_STRUCT(Text, (), (text, words))

// The functions that migration 0018 makes.
std::string functions() {
  const auto all = pg::migrations();
  const auto migration = std::find_if(all.begin(), all.end(), [](const pg::Migration& one) {
    return one.name == "0018_search_without_spaces";
  });
  if (migration == all.end()) throw std::runtime_error("there is no migration 0018");
  const std::string sql(migration->sql);
  return sql.substr(0, sql.find("\n-- Sends wait"));
}

// A schema with them.
struct Functions {
  Functions() { schema.script(functions()); }

  template <class Answer, class... Args>
  std::vector<Answer> ask(std::string_view sql, const Args&... args) {
    return db.run_blocking([&](pg::Tx& tx) { return tx.list<Answer>(sql, args...); });
  }

  pg::test::Schema schema;
  pg::Database db{schema.options()};
};

// Those that PostgreSQL takes apart otherwise.
std::vector<Text> seen_otherwise(const std::vector<std::string>& texts,
                                 const std::vector<std::string>& words) {
  return Functions().ask<Text>(
      "select t.text, t.words from unnest($1::text[], $2::text[]) as t(text, words)"
      " where t.words::tsvector is distinct from to_tsvector('simple', searchable(t.text))",
      texts, words);
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(SearchWords, AreThoseThatPostgresSees) {
  // Mostly what people write, and enough of what the parser sees more in to come by it.
  constexpr std::string_view kSigns =
      "aabcdeefghiijklmnooprsttuuvwxyzABCEXZ0123456789012345eE        "
      "\n\t..,,!?;)(:-/@'\"_+&<%#$\\|~=*";
  std::mt19937 random(42);
  std::uniform_int_distribution<std::size_t> pick(0, kSigns.size() - 1);
  std::uniform_int_distribution<int> length(0, 24);
  std::vector<std::string> texts{
      "Hello, world!",
      "e-mail me (soon)",
      "the answer is 42.",
      "see www.example.org/a_b?c=d#e",
      "1e5 0x1F 12abc abc12 1e 1e+5 1e-5 e5",
      "7e7b 7E7 7e 7e7",
      std::string(2000, 'w'),
      "0000000001 all things flow all t",
      "wait...what good.. morning end...",
      "<!-- a --> <b>c</b> &amp; -5 3.14 /etc/passwd x@example.org don't",
      repeated("a ", 255),
      repeated("a ", 256),
      repeated("_1", 1000),
      "\x01\x1f\x7f control",
  };
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (int left = length(random); left > 0; --left) text += kSigns[pick(random)];
    texts.push_back(std::move(text));
  }
  std::vector<std::string> taken, words;
  for (const std::string& text : texts) {
    if (auto made = plain_words(text)) {
      taken.push_back(text);
      words.push_back(std::move(*made));
    }
  }
  EXPECT_GT(taken.size(), texts.size() * 9 / 10);
  for (const Text& one : seen_otherwise(taken, words)) {
    ADD_FAILURE() << '"' << one.text << "\" is not " << one.words;
  }
}

TEST(SearchWords, AreLettersAndDigits) {
  EXPECT_EQ(plain_words("Hello, world! 42 of us?"), "hello:1 world:2 42:3 of:4 us:5");
  EXPECT_EQ(plain_words("don't x@example.org"), "don:1 t:2 x:3 example:4 org:5");
  EXPECT_EQ(plain_words("  --  "), "");
}

TEST(SearchWords, LeavesToPostgresWhatIsNotForTheServerToSay) {
  const std::string sharp_s =
      "Stra\xC3\x9F"
      "e";
  for (const std::string& text :
       {sharp_s, std::string("\xE4\xBD\xA0\xE5\xA5\xBD"), std::string("7e7b"),
        std::string(2001, 'a'), repeated("a ", 256)}) {
    EXPECT_EQ(plain_words(text), std::nullopt) << text;
  }
}

TEST(SearchQuery, KeepsWhatPeopleMeanByQuotesAndMinus) {
  EXPECT_EQ(pg::search_query("two words"), "two words");
  EXPECT_EQ(pg::search_query("\"two words\" or -three"), "\"two words\" or -three");
  EXPECT_EQ(pg::search_query("-\"two words\""), "-\"two words\"");
}

TEST(SearchQuery, TakesAWordWithSignsForAPhrase) {
  EXPECT_EQ(pg::search_query("don't"), "\"don t\"");
  EXPECT_EQ(pg::search_query("(x@example.org)"), "\"x example org\"");
  EXPECT_EQ(pg::search_query("-well-known"), "-\"well known\"");
  EXPECT_EQ(pg::search_query("\"don't panic\""), "\"don t panic\"");
  EXPECT_EQ(pg::search_query("::"), "");
}

TEST(SearchQuery, TakesWhatHasNoSpacesForAPhrase) {
  EXPECT_EQ(pg::search_query("\u6570\u5B66 or -C\u8BED\u8A00"),
            "\"\u6570\u5B66\" or -\"C\u8BED\u8A00\"");
  EXPECT_EQ(pg::search_query("\"\u6211 \u6570\u5B66\""), "\"\u6211 \u6570\u5B66\"");
}

TEST(SearchQuery, LeavesOtherLettersAlone) {
  EXPECT_EQ(pg::search_query("gr\xC3\xB6\xC3\x9F"
                             "e"),
            "gr\xC3\xB6\xC3\x9F"
            "e");
}

std::string utf8(int character) {
  std::string out;
  const auto rest = [&](int shift) {
    out += static_cast<char>(0x80 | ((character >> shift) & 0x3F));
  };
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else if (character < 0x800) {
    out += static_cast<char>(0xC0 | (character >> 6));
    rest(0);
  } else if (character < 0x10000) {
    out += static_cast<char>(0xE0 | (character >> 12));
    rest(6);
    rest(0);
  } else {
    out += static_cast<char>(0xF0 | (character >> 18));
    rest(12);
    rest(6);
    rest(0);
  }
  return out;
}

// What PostgreSQL takes for such a character, ICU takes for one or for nothing yet; and the other way round all.
TEST(Spaceless, AreTheScriptsOfICU) {
  const auto listed = Functions().ask<int>(
      "select n from generate_series(1, 1114111) n"
      " where n not between 55296 and 57343 and chr(n) ~ ('[' || spaceless() || ']') order by n");
  const std::set<int> there(listed.begin(), listed.end());
  for (int character = 1; character <= 0x10FFFF; ++character) {
    if (character >= 0xD800 && character <= 0xDFFF) continue;
    const std::string text = utf8(character);
    const bool is_one = !runs_without_spaces(text).empty();
    const bool is_listed = there.count(character) > 0;
    if (is_one) {
      EXPECT_TRUE(is_listed) << std::hex << character;
    } else if (is_listed) {
      EXPECT_EQ(longest_word(text), 0U) << std::hex << character;
    }
  }
}

struct Finding {
  std::string text;
  std::string query;
  bool is_found = false;
};
BOOST_DESCRIBE_STRUCT(Finding, (), (text, query, is_found))

// A part of a run is found wherever it stands, whatever follows it, and what is in two runs is a phrase.
TEST(Spaceless, AnyPartOfARunIsFound) {
  struct Row {
    const char* text;
    const char* query;
    bool is_found;
  };
  const std::vector<Row> rows = {
      {"\u6211\u559C\u6B22\u6570\u5B66\uFF0C\u771F\u7684", "\u6570\u5B66", true},
      {"\u6211\u559C\u6B22\u6570\u5B66\uFF0C\u771F\u7684", "\u559C\u6B22\u6570", true},
      {"\u6211\u559C\u6B22\u6570\u5B66\uFF0C\u771F\u7684", "\u6211", true},
      {"\u6211\u559C\u6B22\u6570\u5B66\uFF0C\u771F\u7684", "\u7684", true},
      {"\u6211\u559C\u6B22\u6570\u5B66\uFF0C\u771F\u7684", "\u6B22\u5B66", false},
      {"\u6211\u559C\u6B22\u6570\u5B66\uFF0C\u771F\u7684", "\u5B66\u6570", false},
      {"\u6211\u559C\u6B22\u6570\u5B66\uFF0C\u771F\u7684", "\u559C\u6B22 -\u6570\u5B66", false},
      {"\u6211\u559C\u6B22\u6570\u5B66\uFF0C\u771F\u7684", "\u7269\u7406 or \u6570\u5B66", true},
      {"\u5B66C\u8BED\u8A00x", "C\u8BED", true},
      {"\u5B66C\u8BED\u8A00x", "\u8BED\u8A00X", true},
      {"\u5B66C\u8BED\u8A00x", "\u8BEDX", false},
      {"\u4F60\u6211 \u6570\u5B66", "\"\u6211 \u6570\"", true},
      {"3\u5E74\u7EA7\u751F", "3\u5E74\u7EA7", true},
      {"\u0E20\u0E32\u0E29\u0E32\u0E44\u0E17\u0E22\u0E07\u0E48\u0E32\u0E22", "\u0E44\u0E17\u0E22",
       true},                                                                            // Thai
      {"\u0EA5\u0EB2\u0EA7\u0E87\u0EC8\u0EB2\u0E8D", "\u0E87\u0EC8\u0EB2\u0E8D", true},  // Lao
      {"\u1797\u17B6\u179F\u17B6\u1781\u17D2\u1798\u17C2\u179A", "\u1781\u17D2\u1798\u17C2\u179A",
       true},                                                                      // Khmer
      {"\u1019\u103C\u1014\u103A\u1019\u102C\u1005\u102C", "\u1019\u102C", true},  // Myanmar
      {"\u0F56\u0F7C\u0F51\u0F0B\u0F61\u0F72\u0F42\u0F0B\u0F66\u0F90\u0F51", "\u0F61\u0F72\u0F42",
       true},                                                                // Tibetan
      {"\u304B\u306A\u3068\u30AB\u30BF\u30AB\u30CA", "\u3068\u30AB", true},  // Kana
      {"\u30B9\u30FC\u30D1\u30FC", "\u30FC\u30D1\u30FC", true},
      {"\uC218\uD559\uC744 \uC88B\uC544", "\uC218\uD559", true},  // Hangul
      {"\U00020BB7\u91CE\u5BB6", "\U00020BB7\u91CE", true},
      {"gr\u00F6\u00DFe", "\"gr\u00F6\u00DFe\"", true},
      {"gr\u00F6\u00DFer", "gr\u00F6\u00DFe", false},
  };
  std::vector<std::string> texts, queries, expected;
  for (const Row& row : rows) {
    texts.emplace_back(row.text);
    queries.push_back(pg::search_query(row.query));
    expected.emplace_back(row.is_found ? "t" : "f");
  }
  for (const Finding& wrong :
       Functions().ask<Finding>("select t.text, t.query, not t.expected::bool from "
                                "unnest($1::text[], $2::text[], $3::text[])"
                                " as t(text, query, expected)"
                                " where to_tsvector('simple', searchable(t.text)) @@ "
                                "search_for(t.query) <> t.expected::bool",
                                texts, queries, expected)) {
    ADD_FAILURE() << wrong.query << " in " << wrong.text << ": " << wrong.is_found;
  }
}

// By the square, it would be seconds.
TEST(Spaceless, TakesTheLongestMessageApartInAMoment) {
  Functions functions;
  for (const char* part : {"chr(19968 + i * 7919 % 20000)", "chr(25968)", "'a' || chr(25968)",
                           "chr(3639)", "chr(25968) || '_'"}) {
    const auto took = functions.ask<int>(
        "with t as (select string_agg(" + std::string(part) +
        ", '') as text from generate_series(1, 4096) i), begun as materialized (select"
        " clock_timestamp() as at, text from t), done as materialized (select at,"
        " length(to_tsvector('simple', searchable(text))) as words from begun)"
        " select (extract(epoch from clock_timestamp() - at) * 1000)::int from done");
    EXPECT_LT(took.at(0), 500) << part;
  }
}

}  // namespace
}  // namespace stoa::chat
