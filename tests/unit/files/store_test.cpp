// Files in their table, of 100,000: lists and sweeps are an index's.
#include "../postgres/support.hpp"
#include "features/files/files_store.hpp"

#include <stoa/core/json.hpp>
#include <stoa/postgres/migrator.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa::files {
namespace {

class FilesStore : public testing::Test {
 protected:
  FilesStore() { pg::migrate(db); }

  void fill() {
    schema.script(R"(
      insert into users (id, full_name) select md5('u' || n)::uuid, 'U' from generate_series(0, 999) n;
      insert into files (id, owner_id, kind, state, original_name, size, sha256, due_at)
        select md5('f' || n)::uuid, md5('u' || n % 1000)::uuid, case when n % 10 = 0 then 'note' else 'message' end, 'ready', 'a', 1, repeat('0', 64),
               case when n % 1000 = 0 then now() + n * interval '1 second' end from generate_series(1, 100000) n;
      analyze)");
  }
  std::string plan_of(const std::string& sql, const pg::Params& params) {
    const std::string explained = "explain (format text) " + sql;
    return db.run_blocking([&](pg::Tx& tx) {
      std::string plan;
      const auto rows = tx.execute(explained, params, false, true);
      for (const auto& line : pg::detail::list_rows<std::string>(*rows)) plan += line + "\n";
      return plan;
    });
  }
  bool reserve(const Uuid& holder, std::uint64_t bytes, const store::Quota& quota) {
    return db.run_blocking([&](pg::Tx& tx) { return store::reserve(tx, holder, bytes, quota); });
  }

  pg::test::Schema schema;
  pg::Database db{schema.options(4)};
};

TEST_F(FilesStore, ListsAreAnIndexs) {
  fill();
  const UserId owner = UserId::make();
  FileListQuery query;
  for (const bool has_kind : {false, true}) {
    if (has_kind) query.kind.emplace().value = "note";
    const auto listing = store::list_own(owner, query, std::nullopt);
    const std::string plan = plan_of(std::string(std::string_view(listing.sql)), listing.params);
    EXPECT_NE(plan.find("files_owner"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
  }
  const std::string due =
      plan_of("select id from files where due_at < now() order by due_at limit 1000", pg::Params());
  EXPECT_NE(due.find("files_due"), std::string::npos) << due;
  const auto open = store::count_open(owner);
  const std::string counting = plan_of(std::string(std::string_view(open.sql)), open.params);
  EXPECT_EQ(counting.find("Seq Scan"), std::string::npos) << counting;
}

// What is loose is counted without what is kept, of which one person may have any number.
TEST_F(FilesStore, WhatIsLooseIsCountedByItsIndex) {
  fill();
  schema.script(R"(
    insert into study_rooms (id, name, room_type, max_participants) values (md5('r')::uuid, 'R', 'public', 8);
    insert into files (id, owner_id, room_id, kind, state, original_name, size, sha256, held_by)
      select md5('k' || n)::uuid, md5('u1')::uuid, md5('r')::uuid, 'message', 'ready', 'a', 1, repeat('0', 64), md5('m' || n)::uuid from generate_series(1, 20000) n;
    analyze)");
  const auto counting = store::find_loose(UserId::make(), RoomId::make());
  const std::string plan = plan_of(std::string(std::string_view(counting.sql)), counting.params);
  EXPECT_NE(plan.find("files_loose"), std::string::npos) << plan;
}

TEST_F(FilesStore, AQuotaIsExact) {
  const Uuid holder = Uuid::v7();
  const store::Quota quota{100, 3};
  EXPECT_FALSE(reserve(holder, 101, quota));
  EXPECT_TRUE(reserve(holder, 60, quota));
  EXPECT_FALSE(reserve(holder, 41, quota));
  EXPECT_TRUE(reserve(holder, 40, quota));
  EXPECT_TRUE(reserve(holder, 0, quota));
  EXPECT_FALSE(reserve(holder, 0, quota)) << "a fourth file";
  db.run_blocking([&](pg::Tx& tx) { store::release(tx, UserId{holder}, std::nullopt, 60, 1); });
  EXPECT_TRUE(reserve(holder, 60, quota));
}

TEST_F(FilesStore, OnlyWhatIsDueIsSwept) {
  fill();
  const auto sweep = [&] {
    return db.run_blocking([](pg::Tx& tx) { return store::sweep(tx, 1000).size(); });
  };
  EXPECT_EQ(sweep(), 0u);
  schema.script("update files set due_at = now() where due_at is not null");
  EXPECT_EQ(sweep(), 100u);
  EXPECT_EQ(sweep(), 0u) << "each once, until it is tried again";
}

// What a link writes after the deletion is found by its row, which is due again.
TEST_F(FilesStore, ARowStaysWhileItsLinkIsGood) {
  schema.script(R"(
    insert into files (id, kind, state, original_name, size, due_at, by_link, open_until)
      select md5('f' || n)::uuid, 'message', 'dropped', 'a', 1, now() - interval '1 second', true, now() + (n - 2) * interval '10 minutes'
      from generate_series(1, 3) n)");
  const auto swept = db.run_blocking([](pg::Tx& tx) { return store::sweep(tx, 1000); });
  ASSERT_EQ(swept.size(), 3u);
  int gone = 0;
  for (const auto& one : swept) {
    EXPECT_TRUE(one.by_link);
    gone +=
        db.run_blocking([&](pg::Tx& tx) { return tx.run(store::delete_dropped(one.id)); }) ? 1 : 0;
  }
  EXPECT_EQ(gone, 1);
  schema.script(
      "update files set due_at = now() - interval '1 second', open_until = now() - interval '2 "
      "minutes'");
  for (const auto& one : db.run_blocking([](pg::Tx& tx) { return store::sweep(tx, 1000); })) {
    gone +=
        db.run_blocking([&](pg::Tx& tx) { return tx.run(store::delete_dropped(one.id)); }) ? 1 : 0;
  }
  EXPECT_EQ(gone, 3);
}

// However long a scanner is away: what is looked at is copied from there.
TEST_F(FilesStore, WhatIsLookedAtKeepsWhereItCame) {
  schema.script(R"(
    insert into files (id, kind, state, original_name, size, sha256, by_link, open_until)
      select md5('f' || state)::uuid, 'message', state, 'a', 1, repeat('0', 64), true, now() - interval '1 day'
      from unnest(array['receiving', 'scanning', 'ready', 'refused', 'dropped']) state)");
  const auto sweep = [&] {
    return db.run_blocking([](pg::Tx& tx) { return store::sweep_staged(tx, 1000).size(); });
  };
  EXPECT_EQ(sweep(), 3u);
  schema.script("update files set state = 'ready' where state = 'scanning'");
  EXPECT_EQ(sweep(), 1u);
}

}  // namespace
}  // namespace stoa::files
