// What becomes of jobs that fail, of those whose process has died, and of what a process says too late.
#include "../postgres/proxy.hpp"
#include "infra/jobs/lane.hpp"
#include "support.hpp"

#include <set>
#include <stdexcept>

namespace stoa::jobs::test {
namespace {

class JobFailuresTest : public JobsTest {
 protected:
  Handler failing(const std::string& why) {
    return handle(kErrand, [this, why](Errand) -> Task<> {
      ++runs;
      throw std::runtime_error(why);
      co_return;
    });
  }
  // Inserts its name as part of ending the job.
  Handler noting(Latch& latch) {
    return handle(kErrand, [this, &latch](Errand errand, Attempt attempt) -> Task<> {
      ++runs;
      co_await latch.pass();
      auto work = [name = errand.name, attempt](pg::Tx& tx) {
        tx.run("insert into notes values ($1)", name);
        attempt.finish(tx);
      };
      co_await db.transaction(std::move(work));
    });
  }
};

TEST_F(JobFailuresTest, IsTriedAgainAfterAWait) {
  config.first_wait = 1h;
  config.longest_wait = 2h;
  Node node(db, config, {failing("no luck")});
  const Timestamp before = now();
  enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return job().last_error.has_value(); }));
  const ListedJob failed = job();
  EXPECT_EQ(failed.state, "waiting");
  EXPECT_EQ(failed.attempts, 1);
  EXPECT_EQ(failed.last_error, "no luck");
  EXPECT_GE(failed.due_at, before + 30min);
  EXPECT_LE(failed.due_at, now() + 1h);
}

TEST_F(JobFailuresTest, WaitsDoubleAndDiffer) {
  Handled kind;
  kind.first_wait = 1000ms;
  kind.longest_wait = 5000ms;
  const std::pair<int, std::int64_t> longest[] = {{1, 1000}, {2, 2000}, {3, 4000},
                                                  {4, 5000}, {5, 5000}, {1000, 5000}};
  for (const auto& [attempt, most] : longest) {
    std::set<std::int64_t> waits;
    for (int i = 0; i < 100; ++i) waits.insert(wait_after(kind, attempt).count());
    EXPECT_GE(*waits.begin(), most / 2);
    EXPECT_LE(*waits.rbegin(), most);
    EXPECT_GT(waits.size(), 10u);
  }
}

TEST_F(JobFailuresTest, IsParkedAfterSoManyAttemptsUntilAnOperatorRetriesIt) {
  config.attempts = 3;
  config.first_wait = 1ms;
  config.poll = 10ms;
  Node node(db, config, {failing("\xff luck")});
  enqueue(node.queue, "a", {.key = "k"});
  const auto parked = [&] { return job().state == "parked"; };
  ASSERT_TRUE(eventually(parked));
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(job().attempts, 3);
  EXPECT_EQ(job().last_error, "? luck");
  const JobId id = job().id;
  db.run_blocking([id](pg::Tx& tx) { retry_job(tx, id); });
  ASSERT_TRUE(eventually([&] { return runs == 6 && parked(); }));
  // It does not stand in the way of another one, and cannot be retried beside it.
  enqueue(node.queue, "b", {.after = 1h, .key = "k"});
  EXPECT_EQ(jobs().size(), 2u);
  const auto retry = [&] { db.run_blocking([id](pg::Tx& tx) { retry_job(tx, id); }); };
  EXPECT_EQ(pg::test::error_of(retry), Code::conflict);
  db.run_blocking([id](pg::Tx& tx) { drop_job(tx, id); });
  EXPECT_EQ(job().state, "waiting");
  EXPECT_EQ(pg::test::error_of(retry), Code::not_found);
}

TEST_F(JobFailuresTest, AKindHasAPolicyOfItsOwn) {
  static constexpr Kind<Errand> kOnce{"once", {.attempts = 1}};
  Node node(db, config, {handle(kOnce, [](Errand) -> Task<> {
              throw std::runtime_error("no");
              co_return;
            })});
  enqueue(node.queue, "a", {}, kOnce);
  EXPECT_TRUE(eventually([&] { return job().state == "parked"; }));
}

TEST_F(JobFailuresTest, WhatCannotBeReadIsParkedAtOnce) {
  sql("insert into jobs (id, kind, payload, due_at) values"
      " (gen_random_uuid(), 'errand', '{\"title\": 1}', now())");
  Node node(db, config, {counting()});
  ASSERT_TRUE(eventually([&] { return job().state == "parked"; }));
  EXPECT_TRUE(job().last_error->starts_with("the payload cannot be read"));
  EXPECT_EQ(runs, 0);
}

TEST_F(JobFailuresTest, WhatIsHopelessIsParkedAtTheFirstAttempt) {
  Node node(db, config, {handle(kErrand, [this](Errand) -> Task<> {
              ++runs;
              throw Hopeless("nobody there");
              co_return;
            })});
  enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return job().state == "parked"; }));
  EXPECT_EQ(job().last_error, "nobody there");
  EXPECT_EQ(job().attempts, 1);
  EXPECT_EQ(runs, 1);
}

TEST_F(JobFailuresTest, WhatWasEnqueuedAgainBeginsAnewInsteadOfBeingParked) {
  config.attempts = 1;
  Latch latch;
  Node node(db, config, {handle(kErrand, [&](Errand) -> Task<> {
              ++runs;
              co_await latch.pass();
              throw std::runtime_error("no");
            })});
  enqueue(node.queue, "a", {.key = "k"});
  ASSERT_TRUE(eventually([&] { return latch.waiting() == 1; }));
  enqueue(node.queue, "a", {.key = "k"});
  latch.open();
  ASSERT_TRUE(eventually([&] { return job().state == "parked"; }));
  EXPECT_EQ(runs, 2);
}

TEST_F(JobFailuresTest, WhatRunsTooLongIsCancelledAndFails) {
  config.lease = 100ms;
  config.time_limit = 100ms;
  config.first_wait = 1h;
  Latch never;
  Node node(db, config, {handle(kErrand, [&](Errand) { return never.pass(); })});
  enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return job().last_error.has_value(); }));
  EXPECT_EQ(job().last_error, "took longer than its time limit");
}

TEST_F(JobFailuresTest, OfAProcessThatDiedIsTakenAgain) {
  config.lease = 2s;  // longer than a busy machine keeps a process from renewing it
  Latch latch;
  Node dying(db, config, {handle(kErrand, [&](Errand) { return latch.pass(); })});
  enqueue(dying.queue, "a");
  ASSERT_TRUE(eventually([&] { return latch.waiting() == 1; }));
  // As long as it lives, it is its own: several leases are renewed.
  Node other(db, config, {counting()});
  const Timestamp first = job().due_at;
  ASSERT_TRUE(eventually([&] { return job().due_at > first + 1s; }));
  EXPECT_EQ(runs, 0);
  dying.die();
  EXPECT_TRUE(eventually([&] { return runs == 1 && jobs().empty(); }));
}

TEST_F(JobFailuresTest, ThatTakesItsProcessAlongEachTimeIsParked) {
  sql("insert into jobs (id, kind, payload, due_at, attempts, worker) values"
      " (gen_random_uuid(), 'errand', '{\"name\": \"a\"}', now(), 15, gen_random_uuid())");
  Node node(db, config, {counting()});
  ASSERT_TRUE(eventually([&] { return job().state == "parked"; }));
  EXPECT_EQ(job().last_error, "no attempt has come to an end");
  EXPECT_EQ(runs, 0);
}

TEST_F(JobFailuresTest, WhoComesTooLateDoesNothing) {
  sql("create table notes (name text)");
  Latch latch;
  Node node(db, config, {noting(latch)});
  enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return latch.waiting() == 1; }));
  // Another process has it by now.
  sql("update jobs set worker = gen_random_uuid(), attempts = 2, due_at = now() + interval '1 "
      "hour'");
  latch.open();
  ASSERT_TRUE(eventually([&] { return node.queue.stats("errand").failed == 1; }));
  node.stop();
  EXPECT_EQ(value<int>("select count(*) from notes"), 0);
  EXPECT_EQ(job().state, "running");
  EXPECT_EQ(job().attempts, 2);
}

TEST_F(JobFailuresTest, EndsWithTheTransactionOfItsWork) {
  sql("create table notes (name text)");
  Latch latch;
  latch.open();
  Node node(db, config, {noting(latch)});
  enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return node.queue.stats("errand").done == 1; }));
  EXPECT_TRUE(jobs().empty());
  EXPECT_EQ(value<int>("select count(*) from notes"), 1);
}

TEST_F(JobFailuresTest, IsInEffectOnceWhenTheAnswerToItsCommitIsLost) {
  sql("create table notes (name text)");
  pg::test::Proxy proxy;
  pg::DatabaseOptions options;
  options.url = schema.url(proxy.settings());
  options.connections = 1;
  pg::Database fragile(options);
  ASSERT_TRUE(eventually([&] { return fragile.healthy(); }));
  config.first_wait = 1ms;
  config.poll = 20ms;
  Node node(fragile, config, {handle(kErrand, [&](Errand errand, Attempt attempt) -> Task<> {
              ++runs;
              auto work = [name = errand.name, attempt](pg::Tx& tx) {
                tx.run("insert into notes values ($1)", name);
                attempt.finish(tx);
              };
              if (runs == 1) proxy.lose_next_commit();
              co_await fragile.transaction(std::move(work));
            })});
  net::Runtime elsewhere(1);
  Queue queue(db, elsewhere, config);
  enqueue(queue, "a");
  ASSERT_TRUE(eventually([&] { return runs >= 1 && jobs().empty(); }));
  node.stop();
  EXPECT_EQ(value<int>("select count(*) from notes"), 1);
}

TEST_F(JobFailuresTest, IsDoneOnceWhenTheDatabaseIsAwayMeanwhile) {
  pg::test::Proxy proxy;
  pg::DatabaseOptions options;
  options.url = schema.url(proxy.settings());
  options.connections = 2;
  pg::Database fragile(options);
  ASSERT_TRUE(eventually([&] { return fragile.healthy(); }));
  config.poll = 20ms;
  Latch latch;
  Node node(fragile, config, {handle(kErrand, [&](Errand) -> Task<> {
              ++runs;
              co_await latch.pass();
            })});
  net::Runtime elsewhere(1);
  Queue queue(db, elsewhere, config);
  enqueue(queue, "a");
  ASSERT_TRUE(eventually([&] { return latch.waiting() == 1; }));
  proxy.refuse(true);
  ASSERT_TRUE(eventually([&] { return !fragile.healthy(); }));
  latch.open();
  ASSERT_TRUE(eventually([&] { return node.queue.stats("errand").done == 1; }));
  EXPECT_EQ(job().state, "running");
  enqueue(queue, "b");
  proxy.refuse(false);
  EXPECT_TRUE(eventually([&] { return jobs().empty(); }));
  EXPECT_EQ(runs, 2);
}

// ---- The end of a server ----

TEST_F(JobFailuresTest, AtTheEndWhatRunsComesToItsEnd) {
  Latch latch;
  Node node(db, config, {handle(kErrand, [&](Errand) -> Task<> {
              co_await latch.pass();
              ++runs;
            })});
  enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return latch.waiting() == 1; }));
  node.queue.close();
  enqueue(node.queue, "for another one");
  latch.open();
  node.stop();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(job().state, "waiting");
  EXPECT_EQ(job().attempts, 0);
}

TEST_F(JobFailuresTest, AtTheEndWhatDoesNotEndIsGivenBack) {
  Latch never;
  Node node(db, config, {handle(kErrand, [&](Errand) { return never.pass(); })});
  enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return never.waiting() == 1; }));
  node.stop(1ms);
  EXPECT_EQ(job().state, "waiting");
  EXPECT_EQ(job().attempts, 0);
  EXPECT_LE(job().due_at, now());
  EXPECT_FALSE(job().last_error);
}

}  // namespace
}  // namespace stoa::jobs::test
