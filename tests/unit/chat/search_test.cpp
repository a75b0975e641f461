// Finding messages, on PostgreSQL: a search finds what a naive one finds, and reads what is in the searcher's rooms.
#include "../postgres/plans.hpp"
#include "features/chat/chat_store.hpp"

#include <stoa/postgres/migrator.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <pqxx/connection>
#include <pqxx/nontransaction>

namespace stoa::chat {
namespace {

using Words = std::vector<std::string>;

struct Said {
  MessageId id;
  RoomId room;
  Words words;
};

std::string joined(const Words& words, std::string_view between) {
  std::string out;
  for (const auto& word : words) out.append(out.empty() ? "" : between).append(word);
  return out;
}

class SearchTest : public ::testing::Test {
 protected:
  // Of the migrations all, or those before that of scripts without spaces.
  explicit SearchTest(bool has_all = true) {
    // Of the other tables what messages refer to, and what is indexed.
    schema_.script(
        "create table users (id uuid primary key, full_name text, deleted_at timestamptz);"
        "create table study_rooms (id uuid primary key, is_active boolean not null, name text);"
        "create table room_members (room_id uuid, user_id uuid, primary key (user_id, room_id))");
    constexpr std::array<std::string_view, 5> kOfMessages = {
        "0003_messages", "0007_messages_in_bulk", "0008_searchable_text",
        "0013_search_within_rooms", "0014_search_by_one_index"};
    for (const std::string_view name : kOfMessages) migrate(name);
    if (has_all) migrate(kLast);
  }

  static constexpr std::string_view kLast = "0018_search_without_spaces";

  void migrate(std::string_view name) {
    for (const pg::Migration& migration : pg::migrations()) {
      if (migration.name == name) schema_.script(std::string(migration.sql));
    }
  }

  std::vector<RoomId> add_rooms(int count, bool has_searcher, bool are_active = true) {
    std::vector<RoomId> rooms;
    while (count-- > 0) rooms.push_back(RoomId::make());
    db_.run_blocking([&](pg::Tx& tx) {
      tx.run("insert into study_rooms select id, $2 from unnest($1::uuid[]) as t(id)", rooms,
             are_active);
      if (has_searcher) {
        tx.run("insert into room_members select id, $2 from unnest($1::uuid[]) as t(id)", rooms,
               searcher_);
      }
    });
    return rooms;
  }

  // `padding`: more of each text, which holds no words.
  void store(const std::vector<Said>& messages, const std::string& padding) {
    std::vector<MessageId> ids;
    std::vector<RoomId> rooms;
    std::vector<std::string> contents;
    for (const Said& said : messages) {
      ids.push_back(said.id);
      rooms.push_back(said.room);
      contents.push_back(joined(said.words, " ") + padding);
    }
    db_.run_blocking([&](pg::Tx& tx) {
      tx.run(
          "insert into messages (id, room_id, seq, content)"
          " select t.id, t.room_id, row_number() over (partition by t.room_id), t.content"
          " from unnest($1::uuid[], $2::uuid[], $3::text[]) as t(id, room_id, content)",
          ids, rooms, contents);
    });
    schema_.script("vacuum analyze messages");
  }

  pg::Query<std::vector<MessageView>> search(const std::string& words, std::optional<RoomId> room,
                                             int limit,
                                             std::optional<MessageId> before = std::nullopt) const {
    SearchQuery query;
    query.q.value = words;
    query.room_id = room;
    query.limit.value.value = limit;
    return store::search_messages(searcher_, query, before);
  }

  // Page by page.
  std::vector<MessageId> found(const std::string& words, std::optional<RoomId> room) {
    constexpr int kPage = 7;
    std::vector<MessageId> ids;
    for (;;) {
      const auto before = ids.empty() ? std::nullopt : std::optional(ids.back());
      const auto page =
          db_.run_blocking([&](pg::Tx& tx) { return tx.run(search(words, room, kPage, before)); });
      EXPECT_LE(page.size(), std::size_t{kPage + 1});
      for (std::size_t i = 0; i < page.size() && i < kPage; ++i) ids.push_back(page[i].id);
      if (page.size() <= kPage) return ids;
    }
  }

  // Pages of PostgreSQL that the search touches, in its memory or not. `mode`: plan_cache_mode.
  int pages_read(const pg::Statement& search, const std::string& mode) {
    pqxx::connection connection(schema_.url());
    pqxx::nontransaction work(connection);
    work.exec("set plan_cache_mode = " + mode);
    work.exec("prepare search as " + std::string(search.sql));
    Words values;
    for (std::size_t i = 0; i < search.params.size(); ++i)
      values.push_back(work.quote(std::string(search.params.at(i))));
    const auto explain =
        "explain (analyze, buffers, format json) execute search(" + joined(values, ", ") + ")";
    return pg::test::least_of([&] { return work.exec(explain)[0][0].as<std::string>(); }).pages;
  }

  pg::test::Schema schema_;
  // Thousands of rows are stored at a time.
  static pg::DatabaseOptions patient(pg::DatabaseOptions options) {
    options.statement_timeout = std::chrono::minutes(10);
    return options;
  }

  pg::Database db_{patient(schema_.options())};
  const UserId searcher_ = UserId::make();
};

TEST_F(SearchTest, FindsWhatANaiveSearchFinds) {
  const auto has = [](const Words& words, const char* word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const Words kProof = {"of", "proof"};
  struct Search {
    const char* query;
    std::function<bool(const Words&)> finds;
  };
  const std::vector<Search> searches = {
      {"Prime", [&](const Words& w) { return has(w, "prime"); }},
      {"\xC3\xBC"
       "ber",
       [&](const Words& w) {
         return has(w,
                    "\xC3\xBC"
                    "ber");
       }},
      {"prime number", [&](const Words& w) { return has(w, "prime") && has(w, "number"); }},
      {"prime or 7", [&](const Words& w) { return has(w, "prime") || has(w, "7"); }},
      {"prime -number", [&](const Words& w) { return has(w, "prime") && !has(w, "number"); }},
      {"lemma or -number", [&](const Words& w) { return has(w, "lemma") || !has(w, "number"); }},
      {"-prime", [&](const Words& w) { return !has(w, "prime"); }},
      {"\"of proof\"",
       [&](const Words& w) {
         return std::search(w.begin(), w.end(), kProof.begin(), kProof.end()) != w.end();
       }},
      {"nothing", [](const Words&) { return false; }},
      {"--", [](const Words&) { return false; }},
  };

  const auto near = add_rooms(3, true);
  const RoomId closed = add_rooms(1, true, false).front();
  const RoomId foreign = add_rooms(1, false).front();
  std::vector<RoomId> rooms = near;
  rooms.insert(rooms.end(), {closed, foreign, foreign});
  constexpr std::array<const char*, 8> kVocabulary = {"the",
                                                      "of",
                                                      "proof",
                                                      "prime",
                                                      "number",
                                                      "lemma",
                                                      "7",
                                                      "\xC3\xBC"
                                                      "ber"};
  std::mt19937 random(42);
  std::vector<Said> messages(800);
  for (Said& said : messages) {
    said.id = MessageId::make();
    said.room = rooms[random() % rooms.size()];
    for (auto left = random() % 6; left > 0; --left)
      said.words.emplace_back(kVocabulary[random() % kVocabulary.size()]);
  }
  store(messages, "!");
  const MessageId deleted = messages.front().id;
  schema_.script("update messages set deleted_at = now() where id = '" + deleted.str() + "'");

  std::sort(messages.begin(), messages.end(),
            [](const Said& a, const Said& b) { return a.id > b.id; });
  const std::vector<std::optional<RoomId>> places = {std::nullopt, near[0], closed, foreign};
  for (const Search& one : searches) {
    for (const auto& place : places) {
      std::vector<MessageId> expected;
      for (const Said& said : messages) {
        const bool is_near = std::find(near.begin(), near.end(), said.room) != near.end();
        if (is_near && (!place || *place == said.room) && said.id != deleted &&
            one.finds(said.words)) {
          expected.push_back(said.id);
        }
      }
      EXPECT_EQ(found(one.query, place), expected) << one.query;
    }
  }
}

class OldSearchTest : public SearchTest {
 protected:
  OldSearchTest() : SearchTest(false) {}
};

// Of what was said before it was known how.
TEST_F(OldSearchTest, FindsPartsOfWhatHasNoSpaces) {
  const auto near = add_rooms(1, true).front();
  const Said said{MessageId::make(), near, {"\u6211\u559C\u6B22\u6570\u5B66"}};
  store({said}, "!");
  migrate(kLast);
  EXPECT_EQ(found("\u559C\u6B22", std::nullopt), std::vector{said.id});
}

// Of a word that is everywhere too: what is said in other rooms costs a searcher nothing.
TEST_F(SearchTest, ReadsTheRoomsOfTheSearcher) {
  constexpr int kRooms = 1000, kMessages = 20'000, kNear = 10;
  auto rooms = add_rooms(kNear, true);
  const auto foreign = add_rooms(kRooms - kNear, false);
  rooms.insert(rooms.end(), foreign.begin(), foreign.end());
  std::vector<Said> messages;
  for (int i = 0; i < kMessages; ++i) {
    const Words words = {i / kRooms % 2 == 0 ? "common" : "other", "word" + std::to_string(i),
                         i / kRooms % 2 == 0 ? "\u559C\u6B22\u6570\u5B66" : "\u6570\u5B57"};
    messages.push_back({MessageId::make(), rooms[static_cast<std::size_t>(i % kRooms)], words});
  }
  store(messages, std::string(500, '-'));
  schema_.script("analyze study_rooms, room_members");

  // Each message lies on a page of its own. The rest are the index, the rooms and what is answered.
  constexpr int kOfRooms = kMessages / kRooms * kNear, kOthers = 200;
  const auto last = messages[kMessages / 2].id;
  for (const char* mode : {"force_custom_plan", "force_generic_plan"}) {
    for (const char* words :
         {"common", "common -other", "common or other", "-other", "other or -common", "word0",
          "\u6570\u5B66", "\u6B22\u6570\u5B66 word0", "\u6B22"}) {
      const auto all = pages_read(search(words, std::nullopt, 20), mode);
      EXPECT_LT(all, kOfRooms + kOthers) << words << ", " << mode;
      const auto before = pages_read(search(words, std::nullopt, 20, last), mode);
      EXPECT_LT(before, kOfRooms + kOthers) << words << ", " << mode;
      const auto one = pages_read(search(words, rooms[0], 20), mode);
      EXPECT_LT(one, kOfRooms / kNear + kOthers) << words << ", " << mode;
    }
  }
}

}  // namespace
}  // namespace stoa::chat
