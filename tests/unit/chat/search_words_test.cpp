#include "features/chat/search_words.hpp"

#include <stoa/postgres/database.hpp>

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
    return tx.list<Text>(
        "select t.text, t.words from unnest($1::text[], $2::text[]) as t(text, words)"
        " where t.words::tsvector is distinct from to_tsvector('simple', t.text)",
        texts, words);
  });
}

TEST(SearchWords, AreThoseThatPostgresSees) {
  // Mostly what people write, and enough of what the parser sees more in to come by it.
  constexpr std::string_view kSigns =
      "aabcdeefghiijklmnooprsttuuvwxyzABCEXZ0123456789        \n\t..,,!?;)(:-/@'\"_+&<%#$\\|~=*";
  std::mt19937 random(42);
  std::uniform_int_distribution<std::size_t> pick(0, kSigns.size() - 1);
  std::uniform_int_distribution<int> length(0, 24);
  std::vector<std::string> texts{
      "Hello, world!",
      "e-mail me (soon)",
      "the answer is 42.",
      "see www.example.org",
      "1e5 0x1F 12abc abc12",
      "It is. It is not. Is it?",
      std::string(1000, 'w'),
      "0000000001 all things flow all t",
      "A;B;C",
      "wait...what",
      "end...",
      "3) third",
      "007",
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
  EXPECT_GT(taken.size(), texts.size() / 20);
  for (const Text& one : seen_otherwise(taken, words)) {
    ADD_FAILURE() << '"' << one.text << "\" is not " << one.words;
  }
}

TEST(SearchWords, TakesWhatPeopleWrite) {
  EXPECT_EQ(plain_words("Hello, world! 42 of us?"), "hello:1 world:2 42:3 of:4 us:5");
  EXPECT_EQ(plain_words("  "), "");
}

TEST(SearchWords, LeavesToPostgresWhatItsParserSeesMoreIn) {
  for (const char* text :
       {"a-b", "x@example.org", "example.org", "-5", "3.5", "3.", "/etc", "don't",
        "Stra\xC3\x9F"
        "e",
        "\xE4\xBD\xA0\xE5\xA5\xBD", "a1", "1a", "&amp;"}) {
    EXPECT_EQ(plain_words(text), std::nullopt) << text;
  }
  EXPECT_EQ(plain_words(std::string(1001, 'a')), std::nullopt);
}

}  // namespace
}  // namespace stoa::chat
