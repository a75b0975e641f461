// What a broken, slow or contended database does to those who wait for it. The contract: an answer means
// committed, db_unavailable means nothing was promised, and nobody waits longer than the time-outs: who waits
// for a frozen server is answered while it still is frozen.
#include "proxy.hpp"
#include "support.hpp"

#include <stoa/postgres/batcher.hpp>

#include <atomic>
#include <barrier>

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace stoa::pg::test {

using Counter = std::shared_ptr<std::atomic<int>>;

constexpr auto kSoon = 1000ms;  // longer than a busy machine takes for a statement

void fail_with(Tx& tx, const std::string& sqlstate) {
  tx.run("do $$ begin raise exception using errcode = '" + sqlstate + "'; end $$");
}

class Faults : public testing::Test {
 protected:
  Faults() { schema.script("create table items (id integer primary key, n integer default 0)"); }

  std::int64_t count() {
    return db.run_blocking(
        [](Tx& tx) { return tx.get<std::int64_t>("select count(*) from items"); });
  }
  int backend(Database& of) {
    return of.run_blocking([](Tx& tx) { return tx.get<int>("select pg_backend_pid()"); });
  }
  DatabaseOptions through(const Proxy& proxy, std::size_t connections = 1) {
    DatabaseOptions options;
    options.url = schema.url(proxy.settings());
    options.connections = connections;
    options.statement_timeout = kSoon;
    options.queue_timeout = kSoon;
    return options;
  }

  Schema schema;
  Database db{schema.options(2)};
  const Counter runs = std::make_shared<std::atomic<int>>(0);
};

TEST_F(Faults, ATransactionWhoseBackendIsTerminatedRunsAgainOnce) {
  db.run_blocking([runs = runs](Tx& tx) {
    tx.run("insert into items values (1)");
    if (++*runs == 1) tx.run("select pg_terminate_backend(pg_backend_pid())");
  });
  EXPECT_EQ(*runs, 2);
  EXPECT_EQ(count(), 1);
}

TEST_F(Faults, ALostWriteInAutocommitIsNotRepeated) {
  const auto code = error_of([&] {
    db.run_blocking(
        [runs = runs](Tx& tx) {
          ++*runs;
          tx.run("insert into items values ($1)", runs->load());
          tx.run("select pg_terminate_backend(pg_backend_pid())");
        },
        Mode::autocommit);
  });
  EXPECT_EQ(code, Code::db_unavailable);
  EXPECT_EQ(*runs, 1);
  EXPECT_EQ(count(), 1);
}

TEST_F(Faults, ALostReadInAutocommitIsRepeated) {
  const int answer = db.run_blocking(
      [runs = runs](Tx& tx) {
        if (++*runs == 1) tx.run("select pg_terminate_backend(pg_backend_pid())");
        return tx.get<int>("select 5");
      },
      Mode::autocommit);
  EXPECT_EQ(answer, 5);
  EXPECT_EQ(*runs, 2);
}

TEST_F(Faults, AnIdleConnectionThatIsTerminatedIsReplacedBeforeItIsUsed) {
  Database one(schema.options(1));
  const int before = backend(one);
  db.run_blocking([before](Tx& tx) { tx.run("select pg_terminate_backend($1)", before); });
  ASSERT_TRUE(eventually([&] {
    return db.run_blocking([before](Tx& tx) {
      return tx.get<bool>("select not exists (select from pg_stat_activity where pid = $1)",
                          before);
    });
  }));
  one.run_blocking([runs = runs](Tx& tx) {
    ++*runs;
    tx.run("insert into items values (1)");
  });
  EXPECT_EQ(*runs, 1);
  EXPECT_NE(backend(one), before);
}

TEST_F(Faults, ADeadlockIsResolvedByRunningAgain) {
  db.run_blocking([](Tx& tx) { tx.run("insert into items values (1), (2)"); });
  auto both_hold_one = std::make_shared<std::barrier<>>(2);
  const auto swap_locks = [&](int first, int second) {
    auto mine = std::make_shared<int>(0);
    db.run_blocking([=, runs = runs](Tx& tx) {
      ++*runs;
      tx.run("update items set n = n + 1 where id = $1", first);
      if (++*mine == 1) both_hold_one->arrive_and_wait();
      tx.run("update items set n = n + 1 where id = $1", second);
    });
  };
  std::thread other([&] { swap_locks(2, 1); });
  swap_locks(1, 2);
  other.join();
  EXPECT_GE(*runs, 3);  // who is the victim, and whether once, is the server's choice
  const auto total =
      db.run_blocking([](Tx& tx) { return tx.get<int>("select sum(n) from items"); });
  EXPECT_EQ(total, 4);
}

TEST_F(Faults, ASerialisationFailureIsTriedFourTimes) {
  db.run_blocking([runs = runs](Tx& tx) {
    if (++*runs < 4) fail_with(tx, "40001");
    tx.run("insert into items values (1)");
  });
  EXPECT_EQ(*runs, 4);
  EXPECT_EQ(count(), 1);
  *runs = 0;
  const auto code = error_of([&] {
    db.run_blocking([runs = runs](Tx& tx) {
      ++*runs;
      fail_with(tx, "40001");
    });
  });
  EXPECT_EQ(code, Code::overloaded);
  EXPECT_EQ(*runs, 4);
}

TEST_F(Faults, AFullDiskOrAReadOnlyServerIsUnavailable) {
  for (const auto* state : {"53100", "53200", "58030", "25006", "57P03"}) {
    EXPECT_EQ(error_of([&] { db.run_blocking([state](Tx& tx) { fail_with(tx, state); }); }),
              Code::db_unavailable)
        << state;
  }
  EXPECT_EQ(count(), 0);
}

TEST_F(Faults, AStatementThatTakesTooLongIsEndedAndTheConnectionKept) {
  auto options = schema.options(1);
  options.statement_timeout = kSoon;
  Database one(options);
  const int before = backend(one);
  EXPECT_EQ(error_of([&] { one.run_blocking([](Tx& tx) { tx.run("select pg_sleep(30)"); }); }),
            Code::db_unavailable);
  EXPECT_EQ(backend(one), before);
}

TEST_F(Faults, AFrozenServerCostsTimeOutsAndNothingElse) {
  Proxy proxy;
  Database far(through(proxy));
  EXPECT_NE(backend(far), 0);
  proxy.freeze(true);
  std::vector<Code> codes(4, Code::conflict);
  std::vector<std::thread> callers;
  for (auto& code : codes) {
    callers.emplace_back([&] {
      code = error_of([&] {
        far.run_blocking([runs = runs](Tx& tx) {
          ++*runs;
          tx.run("select 1");
        });
      });
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(codes, std::vector<Code>(4, Code::db_unavailable));
  EXPECT_EQ(*runs, 0);  // not even the transaction began
  proxy.freeze(false);
  ASSERT_TRUE(eventually([&] { return far.healthy(); }));
  EXPECT_NE(backend(far), 0);
}

TEST_F(Faults, StoppingDoesNotWaitForAFrozenServer) {
  Proxy proxy;
  Database far(through(proxy));
  EXPECT_NE(backend(far), 0);
  proxy.freeze(true);
  std::thread caller([&] {
    EXPECT_EQ(error_of([&] { far.run_blocking([](Tx& tx) { tx.run("select 1"); }); }),
              Code::db_unavailable);
  });
  ASSERT_TRUE(eventually([&] { return far.stats().busy == 1; }));
  far.stop();
  caller.join();
}

TEST_F(Faults, ACommitWhoseAnswerIsLostIsNotRepeated) {
  Proxy proxy;
  Database far(through(proxy));
  EXPECT_NE(backend(far), 0);
  proxy.lose_next_commit();
  const auto code = error_of([&] {
    far.run_blocking([runs = runs](Tx& tx) { tx.run("insert into items values ($1)", ++*runs); });
  });
  EXPECT_EQ(code, Code::db_unavailable);
  EXPECT_EQ(*runs, 1);
  EXPECT_EQ(count(), 1);  // it did happen, and nobody was told that it did not
}

TEST_F(Faults, AServerThatGoesAndComesBackIsNoticedWithoutTraffic) {
  Proxy proxy;
  auto options = through(proxy, 3);
  options.queue_timeout = 1h;  // who waited for that would never come back
  Database far(options);
  ASSERT_TRUE(eventually([&] { return far.stats().disconnected == 0; }));
  proxy.refuse(true);
  ASSERT_TRUE(eventually([&] { return !far.healthy() && far.last_failure() != ""; }));
  EXPECT_EQ(error_of([&] { far.run_blocking([](Tx& tx) { tx.run("select 1"); }); }),
            Code::db_unavailable);
  proxy.refuse(false);
  ASSERT_TRUE(eventually([&] { return far.stats().disconnected == 0; }));
  EXPECT_EQ(far.last_failure(), "");
}

using Numbers = Batcher<int, int>;

std::vector<BatchResult<int>> insert_numbers(Tx& tx, std::span<const int> in) {
  tx.run("insert into items select unnest($1::integer[])", std::vector<int>(in.begin(), in.end()));
  return {in.begin(), in.end()};
}

Task<> add_number(Numbers* numbers, int number, std::vector<Code>* codes) {
  try {
    co_await numbers->add(number);
    codes->push_back(Code::internal);
  } catch (const Error& error) {
    codes->push_back(error.code());
  }
}

class BatchFaults : public Faults {
 protected:
  // Adds 100 and answers what each was told.
  std::vector<Code> add_all() {
    asio::io_context context;
    std::vector<Code> codes;
    for (int i = 0; i < 100; ++i) {
      asio::co_spawn(context, add_number(&numbers, next++, &codes), asio::detached);
    }
    context.run();
    return codes;
  }
  // Some hundred gets through whole; the first may wait longer for the connection than it may.
  bool serves() {
    return eventually([&] { return add_all() == std::vector<Code>(100, Code::internal); });
  }

  int next = 1;
  std::atomic<int> published = 0;
  std::atomic<int> doubted = 0;
  Proxy proxy;
  Numbers numbers{
      through(proxy),
      {.batch = 1000, .queue_timeout = kSoon},
      insert_numbers,
      [this](std::span<const int> in, auto) { published += static_cast<int>(in.size()); },
      [this](std::span<const int> in) { doubted += static_cast<int>(in.size()); }};
};

TEST_F(BatchFaults, ABatchWhoseCommitIsInDoubtIsAcknowledgedToNobody) {
  ASSERT_TRUE(serves());
  const int before = published;
  proxy.lose_next_commit();
  const auto codes = add_all();
  // The first may have gone alone while the others gathered.
  const auto failed = std::count(codes.begin(), codes.end(), Code::db_unavailable);
  EXPECT_GE(failed, 1);
  EXPECT_EQ(published, before + 100 - failed);
  EXPECT_EQ(doubted, failed);
  EXPECT_TRUE(serves());
  EXPECT_EQ(count(), published + doubted);  // each was written once at the most
}

TEST_F(BatchFaults, AFrozenServerFailsEveryItemInTime) {
  ASSERT_TRUE(serves());
  const int before = published;
  proxy.freeze(true);
  EXPECT_EQ(add_all(), std::vector<Code>(100, Code::db_unavailable));
  proxy.freeze(false);
  EXPECT_EQ(published, before);
  EXPECT_TRUE(serves());
}

}  // namespace stoa::pg::test
