// Pages of a room's messages, on PostgreSQL: no more is read than an answer carries.
#include "../postgres/support.hpp"
#include "features/chat/chat_store.hpp"

#include <stoa/postgres/migrator.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::chat {
namespace {

constexpr std::int64_t kEnd = 1'000'000;

class PagesTest : public ::testing::Test {
 protected:
  PagesTest() {
    // Of the other tables what messages refer to.
    schema_.script(
        "create table users (id uuid primary key, full_name text, deleted_at timestamptz);"
        "create table study_rooms (id uuid primary key, is_active boolean not null);"
        "create table room_members (room_id uuid, user_id uuid, primary key (user_id, room_id))");
    for (const pg::Migration& migration : pg::migrations()) {
      if (migration.name == "0003_messages") schema_.script(std::string(migration.sql));
    }
    db_.run_blocking([&](pg::Tx& tx) {
      tx.run("insert into study_rooms values ($1, true)", room_);
      tx.run(
          "insert into messages (id, room_id, seq, content)"
          " select gen_random_uuid(), $1, i, repeat('x', 1000) from generate_series(1, 100) as i",
          room_);
    });
  }

  std::vector<std::int64_t> seqs_of(pg::Query<std::vector<MessageView>> page) {
    std::vector<std::int64_t> seqs;
    const auto rows = db_.run_blocking([&](pg::Tx& tx) { return tx.run(std::move(page)); });
    for (const MessageView& message : rows) seqs.push_back(message.seq);
    return seqs;
  }

  using Seqs = std::vector<std::int64_t>;
  const RoomId room_ = RoomId::make();
  pg::test::Schema schema_;
  pg::Database db_{schema_.options(1)};
};

TEST_F(PagesTest, WhatFitsIsReadInItsOrder) {
  EXPECT_EQ(seqs_of(store::list_newest(room_, 0, kEnd, 3, 100'000)), (Seqs{100, 99, 98}));
  EXPECT_EQ(seqs_of(store::list_oldest(room_, 10, kEnd, 3, 100'000)), (Seqs{11, 12, 13}));
  EXPECT_EQ(seqs_of(store::list_newest(room_, 10, 13, 50, 100'000)), (Seqs{12, 11}));
  EXPECT_EQ(seqs_of(store::list_newest(room_, 0, kEnd, 200, 1'000'000)).size(), 100U);
}

// Up to the one with which it is too much.
TEST_F(PagesTest, WhatDoesNotFitIsNotRead) {
  EXPECT_EQ(seqs_of(store::list_newest(room_, 0, kEnd, 50, 2500)), (Seqs{100, 99, 98}));
  EXPECT_EQ(seqs_of(store::list_oldest(room_, 50, kEnd, 50, 2500)), (Seqs{51, 52, 53}));
  EXPECT_EQ(seqs_of(store::list_newest(room_, 0, kEnd, 50, 1)), (Seqs{100}));
}

// What PostgreSQL keeps compressed is long when it is read.
TEST_F(PagesTest, AttachmentsCountAsTheTextsDo) {
  db_.run_blocking([&](pg::Tx& tx) {
    tx.run(
        "update messages set content = 'x', attachments = (select json_agg(json_build_object('url',"
        " 'https://example.org/' || repeat('a', 2000)))::jsonb from generate_series(1, 10))"
        " where room_id = $1",
        room_);
  });
  EXPECT_EQ(seqs_of(store::list_newest(room_, 0, kEnd, 50, 20'000)), (Seqs{100}));
  EXPECT_EQ(seqs_of(store::list_oldest(room_, 0, kEnd, 50, 60'000)), (Seqs{1, 2, 3}));
}

TEST_F(PagesTest, ManyReactionsCountAsTheTextsDo) {
  db_.run_blocking([&](pg::Tx& tx) {
    tx.run("insert into users values (gen_random_uuid(), 'Ada')");
    tx.run(
        "insert into message_reactions (message_id, user_id, emoji) select m.id, u.id, i::text"
        " from messages m, users u, generate_series(1, 50) as i where m.seq > 90 or i < 3");
  });
  EXPECT_EQ(seqs_of(store::list_newest(room_, 0, kEnd, 50, 8'000)), (Seqs{100, 99, 98}));
  EXPECT_EQ(seqs_of(store::list_oldest(room_, 0, kEnd, 50, 4'000)), (Seqs{1, 2, 3, 4}));
}

}  // namespace
}  // namespace stoa::chat
