// Migrations: applied once, in order, by whoever comes first; contradictions are refused in words.
#include "support.hpp"

#include <stoa/postgres/migrator.hpp>

#include <gtest/gtest.h>

namespace stoa::pg::test {

constexpr Migration kFirst{"0001_first", "create table a (n integer); insert into a values (1);"};
constexpr Migration kSecond{"0002_second", "insert into a values (2)"};
constexpr Migration kThird{"0003_third", "insert into a values (3)"};
constexpr Migration kFails{"0003_fails",
                           "insert into a values (3); insert into nowhere values (1)"};

using Names = std::vector<std::string>;

class MigratorTest : public testing::Test {
 protected:
  std::string refusal(std::span<const Migration> wanted) {
    try {
      migrate(db, wanted);
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "";
  }
  std::vector<int> rows() {
    return db.run_blocking([](Tx& tx) { return tx.list<int>("select n from a order by n"); });
  }

  Schema schema;
  Database db{schema.options()};
};

TEST_F(MigratorTest, AppliesEachOnceAndInOrder) {
  const Migration two[] = {kFirst, kSecond};
  const Migration three[] = {kFirst, kSecond, kThird};
  EXPECT_EQ(pending_migrations(db, two), (Names{"0001_first", "0002_second"}));
  EXPECT_EQ(migrate(db, two), (Names{"0001_first", "0002_second"}));
  EXPECT_EQ(migrate(db, two), Names{});
  EXPECT_EQ(pending_migrations(db, three), Names{"0003_third"});
  EXPECT_EQ(migrate(db, three), Names{"0003_third"});
  EXPECT_EQ(rows(), (std::vector<int>{1, 2, 3}));
}

// Before it runs: a large table takes its time.
TEST_F(MigratorTest, SaysWhichOneBegins) {
  const Migration broken[] = {kFirst, {"0002_broken", "select 1 / 0"}};
  Names begun;
  EXPECT_THROW(migrate(db, broken, [&begun](std::string_view name) { begun.emplace_back(name); }),
               std::runtime_error);
  EXPECT_EQ(begun, (Names{"0001_first", "0002_broken"}));
}

TEST_F(MigratorTest, AChangedOneIsRefused) {
  const Migration before[] = {kFirst, kSecond};
  migrate(db, before);
  const Migration after[] = {kFirst, {"0002_second", "insert into a values (22)"}, kThird};
  EXPECT_NE(refusal(after).find("0002_second is not the one that was applied"), std::string::npos);
  EXPECT_THROW(pending_migrations(db, after), std::runtime_error);
  EXPECT_EQ(rows(), (std::vector<int>{1, 2}));
}

TEST_F(MigratorTest, AnUnknownOneIsRefused) {
  const Migration newer[] = {kFirst, kSecond, kThird};
  migrate(db, newer);
  const Migration older[] = {kFirst, kSecond};
  EXPECT_NE(refusal(older).find("0003_third, which this version of stoa does not know"),
            std::string::npos);
}

TEST_F(MigratorTest, ALateNumberIsRefused) {
  const Migration without[] = {kFirst, kThird};
  migrate(db, without);
  const Migration with[] = {kFirst, kSecond, kThird};
  EXPECT_NE(refusal(with).find("0002_second comes before 0003_third"), std::string::npos);
}

TEST_F(MigratorTest, AFailingOneLeavesNothingOfItself) {
  const Migration failing[] = {kFirst, kSecond, kFails};
  EXPECT_NE(refusal(failing).find("migration 0003_fails failed: "), std::string::npos);
  EXPECT_EQ(rows(), (std::vector<int>{1, 2}));
  EXPECT_EQ(pending_migrations(db, failing), Names{"0003_fails"});
}

TEST_F(MigratorTest, SeveralAtOnceApplyEachOnce) {
  const Migration three[] = {
      kFirst, {"0002_slow", "select pg_sleep(0.05); insert into a values (2)"}, kThird};
  std::vector<Names> applied(4);
  std::vector<std::thread> nodes;
  for (auto& names : applied) nodes.emplace_back([&] { names = migrate(db, three); });
  for (auto& node : nodes) node.join();
  Names all;
  for (const auto& names : applied) all.insert(all.end(), names.begin(), names.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, (Names{"0001_first", "0002_slow", "0003_third"}));
  EXPECT_EQ(rows(), (std::vector<int>{1, 2, 3}));
}

TEST_F(MigratorTest, SaysWhyTheDatabaseIsAway) {
  DatabaseOptions options;
  options.url = "host=/nowhere user=stoa";
  Database away(options);
  try {
    migrate(away);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::db_unavailable);
    EXPECT_NE(e.message().find("/nowhere"), std::string::npos);
  }
}

// The real ones need a database of their own, since extensions belong to a whole database.
class OwnDatabase {
 public:
  OwnDatabase() { schema_.script("create database \"" + schema_.name() + "\" template template0"); }
  ~OwnDatabase() { schema_.script("drop database \"" + schema_.name() + "\" with (force)"); }
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;
  DatabaseOptions options() const {
    auto settings = server_settings();
    settings["dbname"] = schema_.name();
    DatabaseOptions options;
    options.url = conninfo(settings);
    options.connections = 1;
    return options;
  }

 private:
  Schema schema_;
};

TEST(Migrations, ApplyToAnEmptyDatabaseWithoutASuperuser) {
  const OwnDatabase database;
  Database db(database.options());
  Names expected;
  for (const auto& migration : migrations()) expected.emplace_back(migration.name);
  EXPECT_TRUE(std::is_sorted(expected.begin(), expected.end()));
  EXPECT_EQ(migrate(db), expected);
  EXPECT_EQ(pending_migrations(db), Names{});
  const auto superuser =
      db.run_blocking([](Tx& tx) { return tx.get<std::string>("show is_superuser"); });
  EXPECT_EQ(superuser, "off");
}

TEST(Migrations, EveryForeignKeyHasAnIndexAndSaysWhatADeletionDoes) {
  const OwnDatabase database;
  Database db(database.options());
  migrate(db);
  // A deletion of what is referred to looks its references up by the key's columns; an index on some
  // rows only does not serve it, unless it leaves out just those without a reference.
  const auto bare = db.run_blocking([](Tx& tx) {
    return tx.list<std::string>(
        "select c.conname from pg_constraint c where c.contype = 'f' and not exists ("
        "  select from pg_index i where i.indrelid = c.conrelid"
        "  and coalesce(pg_get_expr(i.indpred, i.indrelid) like '(% IS NOT NULL)', true)"
        "  and (i.indkey::smallint[])[0:cardinality(c.conkey) - 1] @> c.conkey) order by 1");
  });
  EXPECT_EQ(bare, Names{});
  const auto silent = db.run_blocking([](Tx& tx) {
    return tx.list<std::string>(
        "select conname from pg_constraint where contype = 'f' and confdeltype = 'a' order by 1");
  });
  EXPECT_EQ(silent, Names{});
}

}  // namespace stoa::pg::test
