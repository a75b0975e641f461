// Lists whose filters may be left out, against PostgreSQL.
#include "plans.hpp"

#include <stoa/core/error.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/listing.hpp>
#include <stoa/postgres/migrator.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::pg::test {
namespace {

class ListingTest : public testing::Test {
 protected:
  ListingTest() {
    schema.script(
        "create table items (id integer primary key, kind text not null, n integer not null);"
        "insert into items select i, case when i % 2 = 0 then 'even' else 'odd' end, i / 3"
        " from generate_series(1, 9) i");
  }

  const Listing items{"select id from items where n >= $1",
                      {" and (kind = $1 or kind || '!' = $1)", " and (n, id) > ($1, $2)"},
                      " order by n, id limit $1"};
  using Place = std::optional<std::tuple<int, int>>;

  std::vector<int> list(int least, const std::optional<std::string>& kind, const Place& after,
                        int limit) {
    auto query = items.query<int>(least, kind, after, limit);
    return db.run_blocking([&](Tx& tx) { return tx.run(query); });
  }

  Schema schema;
  Database db{schema.options()};
};

TEST_F(ListingTest, LeavesOutWhatHasNoValue) {
  using Ids = std::vector<int>;
  EXPECT_EQ(list(2, {}, {}, 10), (Ids{6, 7, 8, 9}));
  EXPECT_EQ(list(0, "even", {}, 10), (Ids{2, 4, 6, 8}));
  EXPECT_EQ(list(0, {}, Place({1, 4}), 2), (Ids{5, 6}));
  EXPECT_EQ(list(1, "odd", Place({1, 4}), 10), (Ids{5, 7, 9}));
}

TEST_F(ListingTest, NumbersTheValuesOfEachCombination) {
  const auto bare = items.query<int>(1, std::optional<std::string>(), Place(), 5);
  EXPECT_EQ(std::string_view(bare.sql),
            "select id from items where n >= $1 order by n, id limit $2");
  const auto both = items.query<int>(1, std::optional<std::string>("odd"), Place({1, 2}), 5);
  EXPECT_EQ(std::string_view(both.sql),
            "select id from items where n >= $1 and (kind = $2 or kind || '!' = $2)"
            " and (n, id) > ($3, $4) order by n, id limit $5");
  EXPECT_EQ(both.params.size(), 5U);
}

TEST_F(ListingTest, HasItsFiltersAgainWhereTheTailSaysSo) {
  static const std::string kTail = " and id in (select id from items where n > $2" +
                                   std::string(Listing::kFiltersAgain) + ") order by id limit $1";
  const Listing twice("select id from items where n >= $1", {" and kind = $1", " and id < $1"},
                      kTail);
  const auto query =
      twice.query<int>(1, std::optional<std::string>("odd"), std::optional<int>(9), 5, 0);
  EXPECT_EQ(std::string_view(query.sql),
            "select id from items where n >= $1 and kind = $2 and id < $3"
            " and id in (select id from items where n > $5 and kind = $2 and id < $3)"
            " order by id limit $4");
  EXPECT_EQ(db.run_blocking([&](Tx& tx) { return tx.run(query); }), (std::vector<int>{3, 5, 7}));
}

TEST_F(ListingTest, RefusesOtherValuesThanItNames) {
  EXPECT_THROW((void)items.query<int>(1, std::optional<std::string>(), Place()), std::logic_error);
  EXPECT_THROW(
      (void)items.query<int>(1, std::optional<std::string>("odd"), std::optional<int>(3), 5),
      std::logic_error);
  EXPECT_THROW((void)items.query<int>(1, 2, Place(), 5), std::logic_error);
  EXPECT_THROW(Listing("select $", {}, ""), std::logic_error);
}

TEST(LikePattern, LetsSignsStandForThemselves) {
  EXPECT_EQ(like_pattern("500%_\\"), "%500\\%\\_\\\\%");
}

TEST(LikePattern, FindsFewerThanThreeLettersAtTheBeginningOfAWord) {
  EXPECT_EQ(like_pattern("zz"), "zz%");
  EXPECT_EQ(like_pattern("a b%"), "a b\\%%");
  EXPECT_EQ(like_pattern("\u4E2D\u6587"), "\u4E2D\u6587%");
  EXPECT_EQ(like_pattern("- abc"), "%- abc%");
}

TEST(LikePattern, RefusesSignsAlone) {
  for (const char* signs : {"--", "%", "...", "\U0001F600"}) {
    EXPECT_THROW((void)like_pattern(signs), Error) << signs;
  }
}

// Rooms and people are found by trigrams. That nobody has such a name only an index knows quickly.
TEST(LikePattern, IsAnsweredFromAnIndex) {
  Schema schema;
  schema.script(
      "create table names (id integer primary key, name text not null);"
      "insert into names select i, 'Room ' || md5(i::text) from generate_series(1, 20000) i;"
      "create index names_trgm on names using gin (name gin_trgm_ops); analyze names");
  Database db(schema.options());
  const Listing names("explain (analyze, buffers, format json) select id from names where true",
                      {" and (name ilike $1 or left($1, 1) <> '%' and name ilike '% ' || $1)"},
                      " order by id desc limit $1");
  for (const char* part : {"zz", "z\u00FC", "zzz", "q r"}) {
    const auto explained = least_of([&] {
      return db.run_blocking([&](Tx& tx) {
        return tx.run(names.query<std::string>(std::optional(like_pattern(part)), 20).slow()).at(0);
      });
    });
    EXPECT_LT(explained.pages, 30) << part;
  }
}

TEST(NamePart, IsFoundByRunsWhereAScriptHasNoSpaces) {
  EXPECT_EQ(NamePart(std::nullopt).like, std::nullopt);
  EXPECT_EQ(NamePart("algebra").like, "%algebra%");
  EXPECT_EQ(NamePart("algebra").runs, std::nullopt);
  const NamePart part("C\u8BED\u8A00_\u5B66");
  EXPECT_EQ(part.like, std::nullopt);
  EXPECT_EQ(part.runs, std::tuple("\"\u8BED\u8A00\" \"\u5B66\" ", "%C\u8BED\u8A00\\_\u5B66%"));
}

// Whatever few characters of a name are asked for, and whether the names have them or not.
TEST(NamePart, IsAnsweredFromAnIndex) {
  Schema schema;
  for (const Migration& migration : migrations()) {
    if (migration.name != "0018_search_without_spaces") continue;
    const std::string sql(migration.sql);
    schema.script(sql.substr(0, sql.find("\n-- Sends wait")));
  }
  schema.script(
      "create table names (id integer primary key, name text not null);"
      "insert into names select i, case when i % 10000 = 0 then 'Club \u9AD8\u7B49\u6570\u5B66'"
      " else 'Room ' || chr(19968 + i % 9000) || chr(19968 + i / 7 % 9000) || md5(i::text) end"
      " from generate_series(1, 100000) i;"
      "create index names_trgm on names using gin (name gin_trgm_ops);"
      "create index names_words on names using gin (to_tsvector('simple', searchable(name)));"
      "analyze names");
  Database db(schema.options());
  const std::string head = "select id from names where true";
  const std::vector<std::string_view> filters = {
      " and to_tsvector('simple', searchable(name)) @@ search_for($1) and name ilike $2"};
  const std::string tail = " order by id desc limit $1";
  const Listing names(head, filters, tail);
  const Listing explained("explain (analyze, buffers, format json) " + head, filters, tail);
  struct Search {
    const char* part;
    std::size_t found;
  };
  for (const Search& search : {Search{"\u6570\u5B66", 10},
                               {"b \u9AD8\u7B49", 10},
                               {"\u7B49\u6570\u5B66", 10},
                               {"\u9F8D\u9F8D", 0},
                               {"\u9F8D", 0},
                               {"a\u6570\u5B66", 0}}) {
    const auto runs = NamePart(search.part).runs;
    ASSERT_TRUE(runs.has_value());
    db.run_blocking([&](Tx& tx) {
      EXPECT_EQ(tx.run(names.query<int>(runs, 20).slow()).size(), search.found) << search.part;
      const auto least =
          least_of([&] { return tx.run(explained.query<std::string>(runs, 20).slow()).at(0); });
      EXPECT_LT(least.pages, 60) << search.part;
    });
  }
}

}  // namespace
}  // namespace stoa::pg::test
