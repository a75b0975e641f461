// Each list that the API answers, and each that goes into a person's copy, reads what it answers, of 100,000 rows.
#include "../postgres/plans.hpp"
#include "features/account/account_store.hpp"
#include "features/auth/auth_store.hpp"
#include "features/chat/chat_store.hpp"
#include "features/files/files_store.hpp"
#include "features/matches/matches_store.hpp"
#include "features/notes/notes_store.hpp"
#include "features/outside/outside_store.hpp"
#include "features/rooms/rooms_store.hpp"
#include "features/skills/skills_store.hpp"
#include "features/subjects/subjects_store.hpp"
#include "features/users/blocks_store.hpp"
#include "features/users/users_store.hpp"
#include "rows.hpp"

#include <stoa/files/keeping.hpp>
#include <stoa/postgres/migrator.hpp>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::lists {
namespace {

constexpr int kPage = 21;  // of twenty, and one that tells whether there is a next one
constexpr std::int64_t kEnd = 1'000'000;

struct List {
  std::string name;
  pg::Statement statement;
  int pages = 400;  // that it may look at
};
using Lists = std::vector<List>;

// One test, since its rows take a while.
class ListsTest : public testing::Test {
 protected:
  ListsTest() {
    pg::DatabaseOptions options = schema.options(1);
    options.statement_timeout = std::chrono::minutes(10);
    pg::Database db(options);
    pg::migrate(db);
    schema.script(kRows);
    const auto id = [&](const std::string& name) {
      return db.run_blocking([&](pg::Tx& tx) { return tx.get<Uuid>("select id($1)", name); });
    };
    me = UserId{id("u0")};
    other = UserId{id("u1")};
    room = RoomId{id("r1")};
    few = RoomId{id("r2")};
    subject = rooms::SubjectId{id("s0")};
    rare_subject = rooms::SubjectId{id("s3")};
    note = notes::NoteId{id("n1")};
  }

  void expect_indexed(const Lists& lists) {
    for (const List& list : lists) {
      pg::test::expect_few_pages(schema, list.name, list.statement, list.pages);
    }
  }

  template <class Query, class Member, class Value>
  static Query with(Query query, Member member, Value value) {
    query.*member = std::move(value);
    return query;
  }

  Lists of_rooms() const {
    using rooms::RoomListQuery;
    Lists lists;
    const auto add = [&](const std::string& name, const RoomListQuery& query) {
      lists.push_back({"public rooms, " + name, rooms::store::list_public(query, {}, {})});
      lists.push_back({"own rooms, " + name, rooms::store::list_of(me, query, {}, {})});
    };
    const RoomListQuery all;
    add("all", all);
    add("of a subject", with(all, &RoomListQuery::subject_id, subject));
    add("of a subject without public ones", with(all, &RoomListQuery::subject_id, rare_subject));
    add("private", with(all, &RoomListQuery::type, rooms::RoomType::private_));
    add("public", with(all, &RoomListQuery::type, rooms::RoomType::public_));
    add("with a word", with(all, &RoomListQuery::q, Label<1, 100>{"grace"}));
    add("with a word that is in none", with(all, &RoomListQuery::q, Label<1, 100>{"nothing"}));
    const std::vector<List> within = {
        {"members", rooms::store::list_members(room, std::nullopt, kPage)},
        {"mutes", rooms::store::list_mutes(room, std::nullopt, kPage)},
        {"mutes, further on", rooms::store::list_mutes(room, me, kPage)},
        {"bans", rooms::store::list_bans(room, std::nullopt, kPage)},
        {"few members", rooms::store::list_members(few, std::nullopt, kPage)},
        {"few mutes", rooms::store::list_mutes(few, std::nullopt, kPage)},
        {"few bans", rooms::store::list_bans(few, std::nullopt, kPage)},
        {"invites", rooms::store::list_invites(room)},
        {"the newest messages", chat::store::list_newest(room, 0, kEnd, kPage, 100'000)},
        {"the oldest messages", chat::store::list_oldest(room, 50'000, kEnd, kPage, 100'000)},
    };
    lists.insert(lists.end(), within.begin(), within.end());
    return lists;
  }

  Lists of_notes() const {
    using notes::NoteListQuery;
    constexpr std::size_t kBytes = 1 << 18;
    Lists lists;
    const auto add = [&](const std::string& name, const NoteListQuery& query) {
      lists.push_back(
          {"public notes, " + name, notes::store::list_public(query, {}, kBytes, {}), 1500});
      lists.push_back(
          {"rooms' notes, " + name, notes::store::list_in_rooms(me, query, {}, kBytes, {}), 1500});
    };
    const NoteListQuery all;
    const NoteListQuery of_room = with(all, &NoteListQuery::room_id, room);
    const std::pair<std::string, NoteListQuery> places[] = {{"everywhere", all},
                                                            {"in a room", of_room}};
    for (const auto& [where, query] : places) {
      const std::string begin = where + ", ";
      add(begin + "all", query);
      add(begin + "of a subject", with(query, &NoteListQuery::subject_id, rare_subject));
      add(begin + "of an author", with(query, &NoteListQuery::uploaded_by, me));
      add(begin + "of a type", with(query, &NoteListQuery::file_type, notes::FileType::audio));
      add(begin + "of no type", with(query, &NoteListQuery::file_type, notes::FileType::video));
      add(begin + "with a word", with(query, &NoteListQuery::q, Text<1, 200>{"word42"}));
      add(begin + "with none", with(query, &NoteListQuery::q, Text<1, 200>{"nothing"}));
    }
    lists.push_back({"versions of a note", notes::store::list_versions(note)});
    return lists;
  }

  Lists of_people() const {
    const std::optional<std::string> name = "grace", nobody = "nothing";
    const skills::SkillId skill = skills::SkillId::make();
    return {
        {"sign-ins", auth::store::list_sessions(me, std::nullopt, kPage)},
        {"open sign-ins", auth::store::list_open_sessions(me)},
        {"people", users::store::list_profiles(me, std::nullopt, std::nullopt, kPage)},
        {"people, further on", users::store::list_profiles(me, std::nullopt, other, kPage)},
        {"people by name", users::store::list_profiles(me, name, std::nullopt, kPage)},
        {"people whom there are not", users::store::list_profiles(me, nobody, std::nullopt, kPage)},
        {"few blocks", users::store::list_blocks(me, std::nullopt, kPage)},
        {"blocks", users::store::list_blocks(other, std::nullopt, kPage)},
        {"subjects", subjects::store::list_subjects(std::nullopt)},
        {"subjects of a category", subjects::store::list_subjects("Category 1"), 40},
        {"a person's subjects", subjects::store::list_of(me)},
        {"skills", skills::store::search(std::nullopt, 2, std::nullopt, kPage, {})},
        {"skills, further on",
         skills::store::search(std::nullopt, 2, std::tuple(std::int64_t{2}, skill), kPage, {})},
        {"skills by name", skills::store::search("skill 4242", 2, std::nullopt, kPage, {})},
        {"a person's skills", skills::store::list_of(me)},
        {"partners", matches::store::find_partners(me, 200, 50), 10'000},
        {"suggested rooms", matches::store::suggest_rooms(me, 50, 50), 3000},
    };
  }

  Lists of_files() const {
    return {
        {"files", files::store::list_own(me, {}, std::nullopt)},
        {"files to be swept", files::store::sweep(1000), 5000},
        {"a file to be looked at", files::store::wake_next(files::FileId{}, "examine_file")},
        {"a room's logo", files::drop_others(room, {"logo", files::In::room}, std::nullopt)},
        {"files whose link is over", files::store::sweep_staged(1000), 5000},
    };
  }

  // A page of each file of the copy that a person takes: further on, where it goes on by a key.
  Lists of_copies() const {
    const auto now_ = now();
    const Uuid middle = *Uuid::parse("80000000-0000-0000-0000-000000000000");
    constexpr int kRows = 200;
    constexpr int kMost = 1500;
    return {
        {"profile.jsonl", users::store::export_account(me)},
        {"blocks.jsonl", users::store::list_blocks(other, std::tuple(UserId{middle}), kRows),
         kMost},
        {"sign_ins.jsonl",
         auth::store::export_sessions(me, std::tuple(AuthSessionId{middle}), kRows), kMost},
        {"identities.jsonl", outside::store::list_identities(me)},
        {"acts.jsonl", account::store::export_acts(me, std::tuple(now_, middle), kRows), kMost},
        {"acts_upon.jsonl",
         account::store::export_acts_upon(other, std::tuple(now_, middle), kRows), kMost},
        {"rooms.jsonl", rooms::store::export_memberships(me, std::tuple(RoomId{middle}), kRows),
         kMost},
        {"bans.jsonl", rooms::store::export_bans(me, std::tuple(RoomId{middle}), kRows), kMost},
        {"messages.jsonl", chat::store::export_messages(me, std::tuple(middle), kRows), kMost},
        {"messages_without_key.jsonl",
         chat::store::export_unnamed_messages(me, std::tuple(chat::MessageId{middle}), kRows),
         kMost},
        {"reactions.jsonl",
         chat::store::export_reactions(me, std::tuple(chat::MessageId{middle}), kRows), kMost},
        {"notes.jsonl", notes::store::export_notes(other, std::tuple(notes::NoteId{middle}), kRows),
         kMost},
        {"files.jsonl", files::store::export_files(me, std::tuple(files::FileId{middle}), kRows),
         kMost},
        {"a file", files::store::next_ready(me, files::FileId{middle})},
    };
  }

  pg::test::Schema schema;
  UserId me, other;
  RoomId room, few;
  rooms::SubjectId subject, rare_subject;
  notes::NoteId note;
};

TEST_F(ListsTest, AreReadFromAnIndex) {
  expect_indexed(of_rooms());
  expect_indexed(of_notes());
  expect_indexed(of_people());
  expect_indexed(of_files());
  expect_indexed(of_copies());
}

}  // namespace
}  // namespace stoa::lists
