// The pool: transactions, their failures, its bounds, and coroutines that end early.
#include "support.hpp"

#include <atomic>
#include <set>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace stoa::pg::test {

// No default constructor, and moved only.
struct Receipt {
  explicit Receipt(int n) : number(std::make_unique<int>(n)) {}
  std::unique_ptr<int> number;
};

Task<int> add_one(Database* db, int n) {
  const int sum =
      co_await db->read([n](Tx& tx) { return tx.get<int>("select $1::integer + 1", n); });
  co_return sum;
}

Task<int> receipt(Database* db) {
  const Receipt got =
      co_await db->transaction([](Tx& tx) { return Receipt(tx.get<int>("select 7")); });
  co_await db->transaction([](Tx& tx) { tx.run("select 1"); });
  co_return *got.number;
}

Task<> wait_at(Gate* gate, Database* db, Code* code) {
  try {
    co_await db->transaction([n = gate->number()](Tx& tx) { Gate::pass(tx, n); });
    *code = Code::internal;
  } catch (const Error& error) {
    *code = error.code();
  }
}

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    schema.script("create table items (id integer constraint items_pkey primary key)");
  }

  std::int64_t count(Database& db) {
    return db.run_blocking(
        [](Tx& tx) { return tx.get<std::int64_t>("select count(*) from items"); });
  }

  Schema schema;
};

TEST_F(DatabaseTest, AnswersOnTheCallersContext) {
  Database db(schema.options());
  EXPECT_EQ(await(add_one(&db, 41)), 42);
  EXPECT_EQ(await(receipt(&db)), 7);
}

// A thread keeps the inbox of the context that it ran last; the next one may well have its address.
TEST_F(DatabaseTest, AnswersOnAContextThatStandsWhereAnotherStood) {
  Database db(schema.options());
  std::optional<asio::io_context> context;
  for (int round = 0; round < 2; ++round) {
    context.emplace();
    int sum = 0;
    asio::co_spawn(*context, add_one(&db, round),
                   [&sum](std::exception_ptr, int got) { sum = got; });
    context->run();
    EXPECT_EQ(sum, round + 1);
  }
}

TEST_F(DatabaseTest, FindGetListRun) {
  Database db(schema.options());
  db.run_blocking([](Tx& tx) {
    EXPECT_EQ(tx.run("insert into items select generate_series(1, 5)"), 5);
    EXPECT_EQ(tx.find<int>("select id from items where id = $1", 9), std::nullopt);
    EXPECT_EQ(tx.find<int>("select id from items where id = $1", 3), 3);
    EXPECT_EQ(tx.list<int>("select id from items order by id"), (std::vector<int>{1, 2, 3, 4, 5}));
    EXPECT_EQ(tx.run("update items set id = id + 10 where id > $1", 3), 2);
    EXPECT_THROW(tx.find<int>("select id from items"), std::logic_error);
    EXPECT_EQ(error_of([&] { tx.get<int>("select id from items where id = 77"); }),
              Code::not_found);
  });
  EXPECT_EQ(count(db), 5);
}

TEST_F(DatabaseTest, AnExceptionRollsBackAndReachesTheCaller) {
  Database db(schema.options());
  const auto code = error_of([&] {
    db.run_blocking([](Tx& tx) {
      tx.run("insert into items values (1)");
      throw Error(Code::conflict);
    });
  });
  EXPECT_EQ(code, Code::conflict);
  EXPECT_EQ(count(db), 0);
}

TEST_F(DatabaseTest, ConstraintsAreNamed) {
  schema.script(
      "create table parts (item integer constraint parts_item_fkey references items, "
      "size integer constraint parts_size_check check (size > 0), "
      "late integer constraint parts_late_key unique deferrable initially deferred)");
  Database db(schema.options());
  db.run_blocking([](Tx& tx) { tx.run("insert into items values (1)"); });
  const auto constraint = [&](std::string sql) -> std::string {
    try {
      db.run_blocking([sql](Tx& tx) { tx.run(sql); });
    } catch (const UniqueViolation& e) {
      return "unique " + e.constraint;
    } catch (const ForeignKeyViolation& e) {
      return "foreign " + e.constraint;
    } catch (const ConstraintViolation& e) {
      return "other " + e.constraint;
    }
    return "none";
  };
  EXPECT_EQ(constraint("insert into items values (1)"), "unique items_pkey");
  EXPECT_EQ(constraint("insert into parts values (2)"), "foreign parts_item_fkey");
  EXPECT_EQ(constraint("insert into parts values (1, 0)"), "other parts_size_check");
  EXPECT_EQ(constraint("insert into parts values (1, 1, 1), (1, 1, 1)"), "unique parts_late_key");
}

TEST_F(DatabaseTest, AMessageThatForgesAConstraintIsNotBelieved) {
  schema.script("create table names (name text constraint names_key unique)");
  Database db(schema.options());
  const auto insert = [](Tx& tx) {
    tx.run("insert into names values ($1)", "x\nCONSTRAINT NAME:  users_email_key\n");
  };
  db.run_blocking(insert);
  try {
    db.run_blocking(insert);
    FAIL();
  } catch (const UniqueViolation& e) {
    EXPECT_EQ(e.constraint, "names_key");
    EXPECT_EQ(std::string(e.what()).find("users_email_key"), std::string::npos);
  }
}

TEST_F(DatabaseTest, MistakesInSqlStayExceptions) {
  Database db(schema.options());
  try {
    db.run_blocking([](Tx& tx) { tx.run("select nothing from nowhere"); });
    FAIL();
  } catch (const QueryFailure& e) {
    EXPECT_EQ(e.sqlstate, "42P01");
    EXPECT_TRUE(std::string(e.what()).starts_with("ERROR:")) << e.what();
  }
  EXPECT_EQ(count(db), 0);  // and the connection is still good
}

TEST_F(DatabaseTest, ASwallowedFailureIsNoCommit) {
  Database db(schema.options());
  EXPECT_THROW(db.run_blocking([](Tx& tx) {
    tx.run("insert into items values (1)");
    try {
      tx.run("insert into items values (1)");
    } catch (const UniqueViolation&) {
    }
  }),
               std::logic_error);
  EXPECT_EQ(count(db), 0);
}

TEST_F(DatabaseTest, MoreStatementsThanAreKeptPrepared) {
  Database db(schema.options());
  const auto sum = db.run_blocking([](Tx& tx) {
    std::int64_t total = 0;
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 300; ++i) total += tx.get<int>("select " + std::to_string(i));
    }
    return total;
  });
  EXPECT_EQ(sum, 300 * 299);
  EXPECT_LE(db.run_blocking([](Tx& tx) {
    return tx.get<std::int64_t>("select count(*) from pg_prepared_statements");
  }),
            256);
}

TEST_F(DatabaseTest, ConcurrentTransactionsAllHappen) {
  auto options = schema.options();
  options.connections = 6;
  Database db(options);
  constexpr int kThreads = 8, kEach = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&db, t] {
      for (int i = 0; i < kEach; ++i) {
        db.run_blocking(
            [id = t * kEach + i](Tx& tx) { tx.run("insert into items values ($1)", id); });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count(db), kThreads * kEach);
  EXPECT_GE(db.stats().transactions, static_cast<std::uint64_t>(kThreads * kEach));
}

class GatedTest : public DatabaseTest {
 protected:
  Gate gate{schema};
};

TEST_F(GatedTest, RefusesAtOnceAndDoesTheRest) {
  auto options = schema.options(1);
  options.queue = 3;
  Database db(options);
  ASSERT_TRUE(eventually([&] { return db.healthy(); }));
  asio::io_context context;
  std::vector<Code> codes(6, Code::conflict);
  asio::co_spawn(context, wait_at(&gate, &db, &codes[0]), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(eventually([&] { return db.stats().busy == 1; }));
  for (int i = 1; i < 6; ++i)
    asio::co_spawn(context, wait_at(&gate, &db, &codes[i]), asio::detached);
  EXPECT_TRUE(eventually([&] { return db.stats().refused == 2; }));
  gate.open();
  loop.join();
  EXPECT_EQ(codes, (std::vector<Code>{Code::internal, Code::internal, Code::internal,
                                      Code::internal, Code::overloaded, Code::overloaded}));
}

TEST_F(GatedTest, SlowStatementsLeaveThreadsToTheOthers) {
  Database db(schema.options(4));
  asio::io_context context;
  std::vector<int> answers;
  const auto search = [&]() -> Task<> {
    auto waiting =
        query<int>("select 1 from (select pg_advisory_xact_lock_shared($1)) as gate", gate.number())
            .slow();
    answers.push_back(co_await db.run(std::move(waiting)));
  };
  for (int i = 0; i < 6; ++i) asio::co_spawn(context, search, asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(eventually([&] { return gate.waiting().size() == 1; }));
  EXPECT_EQ(db.run_blocking([](Tx& tx) { return tx.get<int>("select 2"); }), 2);
  EXPECT_EQ(gate.waiting().size(), 1U) << "more slow statements at a time than a quarter of four";
  gate.open();
  loop.join();
  EXPECT_EQ(answers, std::vector<int>(6, 1));
}

// A plan is kept for prepared statements alone.
TEST_F(DatabaseTest, ASlowStatementIsPlannedForItsValues) {
  Database db(schema.options(1));
  const auto prepared = db.run_blocking([](Tx& tx) {
    EXPECT_EQ(tx.run(query<int>("select 40 + $1", 2).slow()), 42);
    EXPECT_EQ(tx.run(query<int>("select 50 + $1", 2)), 52);
    return tx.list<std::string>(
        "select statement from pg_prepared_statements where statement like 'select _0 + %'");
  });
  EXPECT_EQ(prepared, std::vector<std::string>{"select 50 + $1"});
}

TEST_F(DatabaseTest, AJobThatWaitedTooLongIsRefused) {
  EXPECT_TRUE(at_any_pace(300ms, [&](auto timeout) {
    Gate gate(schema);
    auto options = schema.options(1);
    options.queue_timeout = timeout;
    Database db(options);
    EXPECT_TRUE(eventually([&] { return db.healthy(); }));
    asio::io_context context;
    std::vector<Code> codes(2, Code::conflict);
    for (auto& code : codes) asio::co_spawn(context, wait_at(&gate, &db, &code), asio::detached);
    std::thread loop([&] { context.run(); });
    EXPECT_TRUE(eventually([&] { return db.stats().refused >= 1; }));
    gate.open();
    loop.join();
    if (codes[0] != Code::internal) return false;  // waited too long itself
    EXPECT_EQ(codes[1], Code::db_unavailable);
    return true;
  }));
}

TEST_F(GatedTest, ACancelledCoroutineIsLeftAlone) {
  Database db(schema.options(1));
  asio::io_context context;
  asio::cancellation_signal signal;
  Code code = Code::conflict;
  asio::co_spawn(context, wait_at(&gate, &db, &code),
                 asio::bind_cancellation_slot(signal.slot(), asio::detached));
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(eventually([&] { return db.stats().busy == 1; }));
  asio::post(context, [&] { signal.emit(asio::cancellation_type::all); });
  gate.open();
  loop.join();
  EXPECT_EQ(code, Code::internal);  // it got its answer
}

TEST_F(GatedTest, AContextThatIsDestroyedTakesItsCoroutinesWithIt) {
  Database db(schema.options(1));
  std::vector<Code> codes(3, Code::conflict);
  {
    asio::io_context context;
    for (auto& code : codes) asio::co_spawn(context, wait_at(&gate, &db, &code), asio::detached);
    std::thread loop([&] { context.run(); });
    EXPECT_TRUE(eventually([&] { return db.stats().busy == 1 && db.stats().queued == 2; }));
    context.stop();
    loop.join();
  }
  gate.open();
  EXPECT_TRUE(eventually([&] { return db.stats().transactions == 3; }));
  EXPECT_EQ(codes, std::vector<Code>(3, Code::conflict));
}

TEST_F(GatedTest, StopFinishesWhatIsQueued) {
  Database db(schema.options(1));
  asio::io_context context;
  std::vector<Code> codes(4, Code::conflict);
  for (auto& code : codes) asio::co_spawn(context, wait_at(&gate, &db, &code), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(eventually([&] { return db.stats().busy == 1 && db.stats().queued == 3; }));
  std::thread stopper([&] { db.stop(); });
  gate.open();
  stopper.join();
  loop.join();
  const auto refused = error_of([&] { db.run_blocking([](Tx& tx) { tx.run("select 1"); }); });
  EXPECT_EQ(refused, Code::shutting_down);
  EXPECT_EQ(codes, std::vector<Code>(4, Code::internal));
}

TEST(DatabaseAddress, AWrongOneIsRefusedWithoutRepeatingIt) {
  DatabaseOptions options;
  options.url = "postgresql://user:hunter2@host:port:7/%zz";
  try {
    Database db(options);
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_EQ(std::string(e.what()).find("hunter2"), std::string::npos);
  }
}

TEST(DatabaseAddress, NobodyThere) {
  DatabaseOptions options;
  options.url = "host=/nowhere user=stoa";
  Database db(options);
  EXPECT_EQ(error_of([&] { db.run_blocking([](Tx& tx) { tx.run("select 1"); }); }),
            Code::db_unavailable);
  EXPECT_FALSE(db.healthy());
  EXPECT_NE(db.last_failure(), "");
}

}  // namespace stoa::pg::test
