// The table of the audit log: what becomes of a row with its transaction, what is not written, and what is read.
#include "../postgres/support.hpp"

#include <stoa/audit/audit.hpp>
#include <stoa/audit/reading.hpp>
#include <stoa/core/json.hpp>
#include <stoa/postgres/migrator.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace stoa::audit {
namespace {

using namespace std::chrono_literals;

constexpr Action kPaint{"things.paint"};

struct Paint {
  std::string color;
};
BOOST_DESCRIBE_STRUCT(Paint, (), (color))

struct Account {
  UserId id;
  std::optional<std::string> password_hash;
};
BOOST_DESCRIBE_STRUCT(Account, (), (id, password_hash))
struct Nested {
  std::vector<Account> accounts;
};
BOOST_DESCRIBE_STRUCT(Nested, (), (accounts))
struct Typed {
  Verbatim<1, 9> typed;
};
BOOST_DESCRIBE_STRUCT(Typed, (), (typed))
struct Anything {
  Json payload;
};
BOOST_DESCRIBE_STRUCT(Anything, (), (payload))

// What these have does not compile as a state.
static_assert(!detail::may_hold_secret<Paint>());
static_assert(detail::may_hold_secret<Account>());
static_assert(detail::may_hold_secret<Nested>());
static_assert(detail::may_hold_secret<Typed>());
static_assert(detail::may_hold_secret<Anything>());

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    for (const pg::Migration& migration : pg::migrations()) {
      if (migration.name == "0012_audit") schema.script(std::string(migration.sql));
    }
  }
  template <class Before, class After>
  void paint(const Before& before, const After& after, const Actor& actor) {
    db.run_blocking(
        [&](pg::Tx& tx) { write(tx, actor, kPaint, {{"thing", thing}}, before, after); });
  }
  std::vector<Entry> entries(const Filter& filter = {}, int most = 100) {
    return db.run_blocking([&](pg::Tx& tx) { return tx.run(list_entries(filter, most)); });
  }

  pg::test::Schema schema;
  pg::Database db{schema.options(1)};
  const UserId thing = UserId::make();
  const Caller caller{UserId::make(), AuthSessionId::make(),
                      std::make_shared<const Client>(Client{"192.0.2.7", "a browser", "r-1"})};
};

TEST_F(AuditTest, ARowSaysWhoDidWhatToWhat) {
  const RoomId room = RoomId::make();
  db.run_blocking([&](pg::Tx& tx) {
    write(tx, caller, kPaint, {{"thing", thing}, Thing("room", room)}, Paint{"red"},
          Paint{"\"blue\""});
  });
  const auto all = entries();
  ASSERT_EQ(all.size(), 1u);
  const Entry& one = all.front();
  EXPECT_EQ(one.actor_kind, "user");
  EXPECT_EQ(one.actor_id, caller.user);
  EXPECT_EQ(one.session_id, caller.session);
  EXPECT_EQ(one.address, "192.0.2.7");
  EXPECT_EQ(one.request_id, "r-1");
  EXPECT_EQ(one.action, "things.paint");
  EXPECT_EQ(one.target_kind, "thing");
  EXPECT_EQ(one.target_id, thing.uuid);
  EXPECT_EQ(one.within_kind, "room");
  EXPECT_EQ(one.within_id, room.uuid);
  EXPECT_EQ(one.before, R"({"color": "red"})");
  EXPECT_EQ(one.after, R"({"color": "\"blue\""})");
}

TEST_F(AuditTest, TheOperatorIsNobodysAccount) {
  paint(kNothing, kNothing, Actor::the_operator());
  const auto all = entries();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all.front().actor_kind, "operator");
  EXPECT_FALSE(all.front().actor_id);
  EXPECT_FALSE(all.front().before);
  EXPECT_FALSE(all.front().after);
}

TEST_F(AuditTest, WorkThatIsUndoneLeavesNoRow) {
  EXPECT_THROW(db.run_blocking([&](pg::Tx& tx) {
    write(tx, caller, kPaint, {{"thing", thing}}, kNothing, Paint{"red"});
    throw std::runtime_error("after it");
  }),
               std::runtime_error);
  EXPECT_TRUE(entries().empty());
}

TEST_F(AuditTest, WhatChangesNothingIsNoAct) {
  paint(Paint{"red"}, Paint{"red"}, caller);
  EXPECT_TRUE(entries().empty());
  paint(Paint{"red"}, kNothing, caller);
  EXPECT_EQ(entries().size(), 1u);
}

TEST_F(AuditTest, ALongStateIsLeftOutWithItsLength) {
  paint(Paint{"red"}, Paint{std::string(kMostBytes, 'x')}, caller);
  EXPECT_EQ(entries().front().after, R"({"omittedBytes": 8204})");
  paint(Paint{"red"}, Paint{std::string(kMostBytes - 12, 'x')}, caller);
  EXPECT_GT(entries().front().after->size(), kMostBytes);
}

TEST_F(AuditTest, NoRowIsEverChanged) {
  paint(kNothing, Paint{"red"}, caller);
  EXPECT_THROW(
      db.run_blocking([](pg::Tx& tx) { tx.run("update audit_log set action = 'things.keep'"); }),
      pg::QueryFailure);
  EXPECT_EQ(entries().front().action, "things.paint");
}

TEST_F(AuditTest, RowsAreFoundByActorTargetPlaceAndTimeTheNewestFirst) {
  const UserId other = UserId::make();
  const RoomId room = RoomId::make();
  db.run_blocking([&](pg::Tx& tx) {
    write(tx, caller, kPaint, {{"thing", thing}}, kNothing, Paint{"red"});
    tx.run("alter table audit_log disable trigger audit_log_stays");
    tx.run("update audit_log set at = at - interval '1 hour'");
    tx.run("alter table audit_log enable trigger audit_log_stays");
    write(tx, Actor::the_operator(), kPaint, {{"thing", other}, Thing("room", room)}, kNothing,
          Paint{"blue"});
  });
  const auto colors = [this](const Filter& filter, int most = 100) {
    std::string found;
    for (const Entry& entry : entries(filter, most)) {
      found += entry.after->find("red") != std::string::npos ? "red " : "blue ";
    }
    return found;
  };
  EXPECT_EQ(colors({}), "blue red ");
  EXPECT_EQ(colors({}, 1), "blue ");
  EXPECT_EQ(colors({.actor = caller.user, .target = {}, .since = {}}), "red ");
  EXPECT_EQ(colors({.actor = {}, .target = thing.uuid, .since = {}}), "red ");
  EXPECT_EQ(colors({.actor = {}, .target = room.uuid, .since = {}}), "blue ");
  EXPECT_EQ(colors({.actor = {}, .target = {}, .since = now() - 30min}), "blue ");
  EXPECT_EQ(colors({.actor = caller.user, .target = other.uuid, .since = {}}), "");
}

}  // namespace
}  // namespace stoa::audit
