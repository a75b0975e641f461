// Lists whose filters may be left out, against PostgreSQL.
#include "support.hpp"

#include <stoa/postgres/listing.hpp>

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

TEST_F(ListingTest, RefusesOtherValuesThanItNames) {
  EXPECT_THROW((void)items.query<int>(1, std::optional<std::string>(), Place()), std::logic_error);
  EXPECT_THROW(
      (void)items.query<int>(1, std::optional<std::string>("odd"), std::optional<int>(3), 5),
      std::logic_error);
  EXPECT_THROW((void)items.query<int>(1, 2, Place(), 5), std::logic_error);
  EXPECT_THROW(Listing("select $", {}, ""), std::logic_error);
}

TEST(LikePattern, LetsSignsStandForThemselves) {
  EXPECT_EQ(like_pattern("50%_\\"), "%50\\%\\_\\\\%");
}

}  // namespace
}  // namespace stoa::pg::test
