// Files in their table. That lists and sweeps are an index's shows tests/unit/lists.
#include "../postgres/plans.hpp"
#include "../postgres/support.hpp"
#include "features/files/files_store.hpp"

#include <stoa/postgres/migrator.hpp>

#include <gtest/gtest.h>

namespace stoa::files {
namespace {

class FilesStore : public testing::Test {
 protected:
  FilesStore() { pg::migrate(db); }

  void fill() {
    schema.script(R"(
      insert into users (id, full_name) select md5('u' || n)::uuid, 'U' from generate_series(0, 9) n;
      insert into files (id, owner_id, kind, state, original_name, size, sha256, due_at)
        select md5('f' || n)::uuid, md5('u' || n % 10)::uuid, case when n % 10 = 0 then 'note' else 'message' end, 'ready', 'a', 1, repeat('0', 64),
               case when n % 10 = 0 then now() + n * interval '1 second' end from generate_series(1, 1000) n)");
  }
  bool reserve(const Uuid& holder, std::uint64_t bytes, const store::Quota& quota) {
    return db.run_blocking([&](pg::Tx& tx) { return store::reserve(tx, holder, bytes, quota); });
  }

  pg::test::Schema schema;
  pg::Database db{schema.options(4)};
};

// What is loose is counted without what is kept, of which one person may have any number.
TEST_F(FilesStore, WhatIsLooseIsCountedByItsIndex) {
  fill();
  schema.script(R"(
    insert into study_rooms (id, name, room_type, max_participants) values (md5('r')::uuid, 'R', 'public', 8);
    insert into files (id, owner_id, room_id, kind, state, original_name, size, sha256, held_by)
      select md5('k' || n)::uuid, md5('u1')::uuid, md5('r')::uuid, 'message', 'ready', 'a', 1, repeat('0', 64), md5('m' || n)::uuid from generate_series(1, 20000) n;
    analyze files, study_rooms)");
  pg::test::expect_few_pages(schema, "what is loose",
                             store::find_loose(UserId::make(), RoomId::make()));
}

// Whoever else has files that wait, and whatever other jobs there are.
TEST_F(FilesStore, WhoseTurnIsNextIsFoundByIndexes) {
  fill();
  schema.script(R"(
    insert into files (id, owner_id, kind, state, original_name, size)
      select md5('s' || n)::uuid, md5('u' || n % 10)::uuid, 'message', 'scanning', 'a', 1 from generate_series(1, 20000) n where n % 10 <> 1 or n < 50;
    insert into jobs (id, kind, key, payload, due_at)
      select gen_random_uuid(), 'examine_file', id::text, '{}', now() + interval '1 hour' from files;
    analyze files, jobs)");
  const auto first = db.run_blocking([](pg::Tx& tx) {
    return FileId{tx.get<Uuid>("select id from files where owner_id = md5('u1')::uuid limit 1")};
  });
  pg::test::expect_few_pages(schema, "the next one", store::wake_next(first, "examine_file"));
  const auto woken =
      db.run_blocking([&](pg::Tx& tx) { return tx.run(store::wake_next(first, "examine_file")); });
  EXPECT_EQ(woken.value, 1u);
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
    return db.run_blocking([](pg::Tx& tx) { return tx.run(store::sweep(1000)).size(); });
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
  const auto swept = db.run_blocking([](pg::Tx& tx) { return tx.run(store::sweep(1000)); });
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
  for (const auto& one : db.run_blocking([](pg::Tx& tx) { return tx.run(store::sweep(1000)); })) {
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
    return db.run_blocking([](pg::Tx& tx) { return tx.run(store::sweep_staged(1000)).size(); });
  };
  EXPECT_EQ(sweep(), 3u);
  schema.script("update files set state = 'ready' where state = 'scanning'");
  EXPECT_EQ(sweep(), 1u);
}

}  // namespace
}  // namespace stoa::files
