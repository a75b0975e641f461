// Lists of notes on PostgreSQL. That each is an index's shows tests/unit/lists.
#include "../postgres/plans.hpp"
#include "features/notes/notes_store.hpp"

#include <stoa/postgres/migrator.hpp>

#include <optional>
#include <utility>
#include <vector>

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

// 300 rooms with 40 notes each: of the first ten rooms the newest, and every eleventh of somebody who is suspended.
class NotesOfManyRooms : public testing::Test {
 protected:
  NotesOfManyRooms() {
    pg::migrate(db);
    schema.script(R"(
      insert into users (id, full_name, suspended_at)
        select md5('u' || n)::uuid, 'U' || n, case when n = 2 then now() end from generate_series(0, 2) n;
      insert into study_rooms (id, name, room_type, max_participants)
        select md5('r' || n)::uuid, 'R', 'private', 10 from generate_series(0, 299) n;
      insert into room_members (room_id, user_id) select md5('r' || n)::uuid, md5('u0')::uuid from generate_series(0, 299) n;
      insert into notes (id, title, uploaded_by, room_id, is_public, file_type)
        select lpad(to_hex(n), 32, '0')::uuid, 'N', md5('u' || case when n % 11 = 0 then 2 else 1 end)::uuid,
               md5('r' || case when n <= 11600 then 10 + n % 290 else n % 10 end)::uuid, false,
               case when n % 7 = 0 then 'audio' else 'pdf' end from generate_series(1, 12000) n)");
    for (const char* table : {"users", "study_rooms", "room_members", "notes"}) {
      schema.script("analyze " + std::string(table));
    }
    me = db.run_blocking(
        [](pg::Tx& tx) { return tx.get<UserId>("select id from users where full_name = 'U0'"); });
  }

  static NoteListQuery page_of(int notes) {
    NoteListQuery query;
    query.limit.value.value = notes;
    return query;
  }
  std::vector<NoteId> listed(const NoteListQuery& query, std::optional<NoteId> before) {
    const auto notes = db.run_blocking(
        [&](pg::Tx& tx) { return tx.run(store::list_in_rooms(me, query, before, kBytes, {})); });
    std::vector<NoteId> ids;
    for (const NoteView& note : notes) ids.push_back(note.id);
    return ids;
  }

  pg::test::Schema schema;
  pg::Database db{schema.options(1)};
  UserId me;
};

TEST_F(NotesOfManyRooms, ArePagesOfAllOfThem) {
  for (const auto type : {std::optional<FileType>(), std::optional(FileType::audio)}) {
    const auto all = db.run_blocking([&](pg::Tx& tx) {
      return tx.list<NoteId>(
          "select id from notes where uploaded_by <> (select id from users where full_name = 'U2')"
          " and file_type = coalesce($1, file_type) order by id desc",
          type);
    });
    for (const int size : {1, 20, 100}) {
      NoteListQuery query = page_of(size);
      query.file_type = type;
      std::size_t begin = 0;
      for (int page = 0; page < 6; ++page) {
        const auto last = begin == 0 ? std::nullopt : std::optional(all[begin - 1]);
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(begin);
        EXPECT_EQ(listed(query, last), std::vector<NoteId>(first, first + size + 1))
            << "after " << begin;
        begin += static_cast<std::size_t>(size);
      }
    }
  }
}

// Some eight pages for each room, whose newest note is looked up, and four for each of the notes that a page may have: not for a
// page's worth of notes of each room.
TEST_F(NotesOfManyRooms, AreReadInProportionToTheRooms) {
  const auto query = page_of(20);
  const auto listing = store::list_in_rooms(me, query, std::nullopt, kBytes, {});
  pg::test::expect_few_pages(schema, "a page", listing, 5000);
}

TEST(NotesLists, TakeTurnsWhereTheyMayReadMuch) {
  const TurnKey whom{7, 1};
  const auto public_ones = [&whom](const NoteListQuery& query) {
    return store::list_public(query, std::nullopt, kBytes, whom);
  };
  EXPECT_TRUE(store::list_in_rooms(UserId::make(), {}, std::nullopt, kBytes, whom).is_slow);
  NoteListQuery query;
  EXPECT_FALSE(public_ones(query).is_slow);
  query.file_type = FileType::video;
  EXPECT_FALSE(public_ones(query).is_slow);
  query.room_id = RoomId::make();
  EXPECT_FALSE(public_ones(query).is_slow) << "an index has both";
  query.subject_id = rooms::SubjectId::make();
  const auto dear = public_ones(query);
  EXPECT_TRUE(dear.is_slow);
  EXPECT_EQ(dear.who.outer, whom.outer);
}

}  // namespace
}  // namespace stoa::notes
