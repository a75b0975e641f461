// Study partners on PostgreSQL, among 100,000 people of one subject of whom few may be found: an index has those alone.
#include "../postgres/plans.hpp"
#include "features/matches/matches_store.hpp"

#include <stoa/postgres/migrator.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa::matches {
namespace {

class Partners : public testing::Test {
 protected:
  Partners() { pg::migrate(db); }

  // The oldest few may be found.
  void fill() {
    schema.script(R"(
      insert into subjects (id, name) values (md5('s')::uuid, 'S');
      insert into skills (id, name, holders) values (md5('k')::uuid, 'K', 100000);
      insert into users (id, full_name, is_findable)
        select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'U', n between 1 and 50 from generate_series(0, 100000) n;
      insert into user_subjects (user_id, subject_id) select id, md5('s')::uuid from users;
      insert into user_skills (user_id, skill_id, level, offered, wanted) select id, md5('k')::uuid, 'expert', true, true from users;
      analyze subjects, skills, users, user_subjects, user_skills)");
  }

  pg::test::Schema schema;
  pg::Database db{schema.options(2)};
};

TEST_F(Partners, AreLookedUpAmongThoseWhoMayBeFound) {
  fill();
  const UserId me = *UserId::parse("00000000-0000-7000-8000-000000000000");
  const auto query = store::find_partners(me, 200, 100);
  const auto found =
      db.run_blocking([&](pg::Tx& tx) { return tx.run(store::find_partners(me, 200, 100)); });
  EXPECT_EQ(found.size(), 50U);
  const std::string sql =
      "explain (analyze, buffers, format json) " + std::string(std::string_view(query.sql));
  const auto explained = pg::test::least_of([&] {
    return db.run_blocking([&](pg::Tx& tx) {
      const auto rows = tx.execute(sql, query.params, false, true);
      return pg::detail::get_row<std::string>(*rows, sql);
    });
  });
  // Some pages for each of those found; the table of people alone has thousands.
  EXPECT_LT(explained.pages, 800) << explained.plan;
}

}  // namespace
}  // namespace stoa::matches
