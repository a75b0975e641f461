#include "features/chat/search_words.hpp"

#include <stoa/postgres/database.hpp>
#include <stoa/postgres/migrator.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>
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

// The function `searchable` as the migration makes it.
std::string searchable() {
  const auto all = pg::migrations();
  const auto migration = std::find_if(all.begin(), all.end(), [](const pg::Migration& one) {
    return one.name == "0008_searchable_text";
  });
  if (migration == all.end()) throw std::runtime_error("there is no migration 0008");
  const std::string sql(migration->sql);
  const std::size_t begin = sql.find("create function");
  return sql.substr(begin, sql.find("\n$$;", begin) + 4 - begin);
}

// Those that PostgreSQL takes apart otherwise.
std::vector<Text> seen_otherwise(const std::vector<std::string>& texts,
                                 const std::vector<std::string>& words) {
  const char* url = std::getenv("STOA_TEST_DATABASE_URL");
  if (url == nullptr) throw std::runtime_error("STOA_TEST_DATABASE_URL is not set");
  pg::DatabaseOptions options;
  options.url = url;
  options.connections = 1;
  pg::Database database(options);
  return database.run_blocking([&](pg::Tx& tx) {
    tx.script(searchable());
    auto found = tx.list<Text>(
        "select t.text, t.words from unnest($1::text[], $2::text[]) as t(text, words)"
        " where t.words::tsvector is distinct from to_tsvector('simple', searchable(t.text))",
        texts, words);
    tx.script("drop function searchable");
    return found;
  });
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
  EXPECT_EQ(search_query("two words"), "two words");
  EXPECT_EQ(search_query("\"two words\" or -three"), "\"two words\" or -three");
  EXPECT_EQ(search_query("-\"two words\""), "-\"two words\"");
}

TEST(SearchQuery, TakesAWordWithSignsForAPhrase) {
  EXPECT_EQ(search_query("don't"), "\"don t\"");
  EXPECT_EQ(search_query("(x@example.org)"), "\"x example org\"");
  EXPECT_EQ(search_query("-well-known"), "-\"well known\"");
  EXPECT_EQ(search_query("\"don't panic\""), "\"don t panic\"");
  EXPECT_EQ(search_query("::"), "");
}

TEST(SearchQuery, LeavesOtherLettersAlone) {
  EXPECT_EQ(search_query("gr\xC3\xB6\xC3\x9F"
                         "e"),
            "gr\xC3\xB6\xC3\x9F"
            "e");
}

}  // namespace
}  // namespace stoa::chat
