// Lists of notes on PostgreSQL, of 100,000: each is an index's, whatever its filters are.
#include "../postgres/support.hpp"
#include "features/notes/notes_store.hpp"

#include <stoa/core/json.hpp>
#include <stoa/postgres/migrator.hpp>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace stoa::notes {
namespace {

// One schema for all: its rows take a while.
class NotesLists : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    schema = new pg::test::Schema;
    db = new pg::Database(schema->options(1));
    pg::migrate(*db);
    schema->script(R"(
      insert into users (id, full_name) select md5('u' || n)::uuid, 'U' from generate_series(0, 999) n;
      insert into subjects (id, name) select md5('s' || n)::uuid, 'S' || n from generate_series(0, 99) n;
      insert into study_rooms (id, name, room_type, max_participants)
        select md5('r' || n)::uuid, 'R', 'private', 10 from generate_series(0, 999) n;
      insert into room_members (room_id, user_id) select md5('r' || n)::uuid, md5('u0')::uuid from generate_series(0, 49) n;
      insert into notes (id, title, uploaded_by, subject_id, room_id, is_public, file_type)
        select md5('n' || n)::uuid, 'word' || n % 5000, md5('u' || n % 1000)::uuid, md5('s' || n % 100)::uuid,
               md5('r' || n % 997)::uuid, n % 2 = 0, case when n % 500 = 0 then 'audio' else 'pdf' end
          from generate_series(1, 100000) n;
      analyze)");
    user = *UserId::parse(get("select md5('u0')::uuid"));
    author = *UserId::parse(get("select md5('u2')::uuid"));
    subject = *rooms::SubjectId::parse(get("select md5('s4')::uuid"));
    room = *RoomId::parse(get("select md5('r10')::uuid"));
  }
  static void TearDownTestSuite() {
    delete db;
    delete schema;
  }

  static std::string get(const std::string& sql) {
    return db->run_blocking([&](pg::Tx& tx) { return tx.get<std::string>(sql); });
  }

  // The few people and rooms of a test may be read whole.
  static bool reads_all_notes(const Json& node) {
    if (node.value("Relation Name", "") == "notes" && node.at("Node Type") == "Seq Scan")
      return true;
    if (!node.contains("Plans")) return false;
    const auto& below = node.at("Plans");
    return std::any_of(below.begin(), below.end(), &reads_all_notes);
  }

  // Pages that the statement reads, and no table of notes as a whole.
  static int pages_of(const pg::Statement& statement) {
    const std::string sql =
        "explain (analyze, buffers, format json) " + std::string(std::string_view(statement.sql));
    const std::string text = db->run_blocking([&](pg::Tx& tx) {
      const auto rows = tx.execute(sql, statement.params, false, true);
      return pg::detail::get_row<std::string>(*rows, sql);
    });
    const auto plan = Json::parse(text)[0].at("Plan");
    EXPECT_FALSE(reads_all_notes(plan)) << text;
    return plan.at("Shared Hit Blocks").get<int>() + plan.at("Shared Read Blocks").get<int>();
  }

  static void expect_few(const std::string& what, const NoteListQuery& query) {
    const auto of_all = store::list_public(query, std::nullopt, {});
    const auto of_rooms = store::list_in_rooms(user, query, std::nullopt, {});
    EXPECT_LT(pages_of(of_all), 1500) << what;
    EXPECT_LT(pages_of(of_rooms), 3000) << what;
  }

  static inline pg::test::Schema* schema = nullptr;
  static inline pg::Database* db = nullptr;
  static inline UserId user, author;
  static inline rooms::SubjectId subject;
  static inline RoomId room;
};

TEST_F(NotesLists, AreAnIndexs) {
  expect_few("all", {});
  const auto with = [](auto member, auto value) {
    NoteListQuery query;
    query.*member = value;
    return query;
  };
  expect_few("a subject", with(&NoteListQuery::subject_id, subject));
  expect_few("a room", with(&NoteListQuery::room_id, room));
  expect_few("an author", with(&NoteListQuery::uploaded_by, author));
  expect_few("a rare type", with(&NoteListQuery::file_type, FileType::audio));
  expect_few("a type that there is not", with(&NoteListQuery::file_type, FileType::video));
  expect_few("a word", with(&NoteListQuery::q, Text<1, 200>{"word42"}));
  expect_few("a word that is in none", with(&NoteListQuery::q, Text<1, 200>{"nothing"}));
}

TEST_F(NotesLists, HoldToTheirOrder) {
  NoteListQuery query;
  query.limit.value.value = 3;
  const auto first = db->run_blocking(
      [&](pg::Tx& tx) { return tx.run(store::list_in_rooms(user, query, std::nullopt, {})); });
  ASSERT_EQ(first.size(), 4u);
  EXPECT_GT(first[0].id, first[1].id);
  const auto next = db->run_blocking(
      [&](pg::Tx& tx) { return tx.run(store::list_in_rooms(user, query, first[1].id, {})); });
  EXPECT_EQ(next[0].id, first[2].id);
}

}  // namespace
}  // namespace stoa::notes
