// Lists of notes on PostgreSQL. That each is an index's shows tests/unit/lists.
#include "../postgres/support.hpp"
#include "features/notes/notes_store.hpp"

#include <stoa/postgres/migrator.hpp>

#include <gtest/gtest.h>

namespace stoa::notes {
namespace {

constexpr std::size_t kBytes = 1 << 18;

TEST(NotesLists, HoldToTheirOrder) {
  const pg::test::Schema schema;
  pg::Database db(schema.options(1));
  pg::migrate(db);
  schema.script(R"(
    insert into users (id, full_name) values (md5('u0')::uuid, 'U');
    insert into study_rooms (id, name, room_type, max_participants)
      select md5('r' || n)::uuid, 'R', 'private', 10 from generate_series(0, 9) n;
    insert into room_members (room_id, user_id) select md5('r' || n)::uuid, md5('u0')::uuid from generate_series(0, 4) n;
    insert into notes (id, title, uploaded_by, room_id, is_public, file_type)
      select md5('n' || n)::uuid, 'N', md5('u0')::uuid, md5('r' || n % 10)::uuid, n % 2 = 0, 'pdf' from generate_series(1, 100) n)");
  const UserId user = db.run_blocking(
      [](pg::Tx& tx) { return tx.get<UserId>("select id from users where full_name = 'U'"); });
  NoteListQuery query;
  query.limit.value.value = 3;
  const auto first = db.run_blocking([&](pg::Tx& tx) {
    return tx.run(store::list_in_rooms(user, query, std::nullopt, kBytes, {}));
  });
  ASSERT_EQ(first.size(), 4u);
  EXPECT_GT(first[0].id, first[1].id);
  const auto next = db.run_blocking([&](pg::Tx& tx) {
    return tx.run(store::list_in_rooms(user, query, first[1].id, kBytes, {}));
  });
  EXPECT_EQ(next[0].id, first[2].id);
}

}  // namespace
}  // namespace stoa::notes
