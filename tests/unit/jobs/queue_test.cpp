// When jobs are done, and how often.
#include "support.hpp"

#include <stdexcept>

namespace stoa::jobs::test {
namespace {

TEST_F(JobsTest, IsDoneAtOnceWhenItsTransactionIsCommitted) {
  Node node(db, config, {counting()});
  enqueue(node.queue, "a");
  EXPECT_TRUE(eventually([&] { return runs == 1 && jobs().empty(); }));
}

TEST_F(JobsTest, IsNotThereWhenItsTransactionFails) {
  Node node(db, config, {counting()});
  const auto work = [&](pg::Tx& tx) {
    node.queue.enqueue(tx, kErrand, Errand{"a"});
    throw std::runtime_error("after all");
  };
  EXPECT_THROW(db.run_blocking(work), std::runtime_error);
  const auto alone = [&](pg::Tx& tx) { node.queue.enqueue(tx, kErrand, Errand{"a"}); };
  EXPECT_THROW(db.run_blocking(alone, pg::Mode::autocommit), std::logic_error);
  EXPECT_TRUE(jobs().empty());
}

TEST_F(JobsTest, GetsItsPayloadAndTheSameIdAtEachAttempt) {
  config.first_wait = 1ms;
  std::vector<std::string> seen;
  Node node(db, config, {handle(kErrand, [&](Errand errand, Attempt attempt) -> Task<> {
              seen.push_back(errand.name + " " + attempt.job().str());
              if (attempt.number() == 1) throw std::runtime_error("not yet");
              ++runs;
              co_return;
            })});
  enqueue(node.queue, "grüße \"x\"");
  ASSERT_TRUE(eventually([&] { return runs == 1 && jobs().empty(); }));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_TRUE(seen[0].starts_with("grüße \"x\" "));
}

TEST_F(JobsTest, IsDoneWhenItIsDueAndNotSooner) {
  sql("create table done (at timestamptz)");
  Node node(db, config, {handle(kErrand, [&](Errand) -> Task<> {
              co_await db.transaction(
                  [](pg::Tx& tx) { tx.run("insert into done values (clock_timestamp())"); });
            })});
  sql("create table begun as select clock_timestamp() as at");
  enqueue(node.queue, "a", {.after = 300ms});
  ASSERT_TRUE(eventually([&] { return jobs().empty(); }));
  EXPECT_TRUE(value<bool>("select done.at >= begun.at + interval '300 ms' from done, begun"));
}

TEST_F(JobsTest, IsFoundByTheClockWhenItWasEnqueuedElsewhere) {
  config.poll = 10ms;
  Node node(db, config, {counting()});
  net::Runtime elsewhere(1);
  Queue other(db, elsewhere, config);
  enqueue(other, "a");
  EXPECT_TRUE(eventually([&] { return runs == 1 && jobs().empty(); }));
}

TEST_F(JobsTest, AKeyMakesOneOfThoseThatWait) {
  net::Runtime elsewhere(1);
  Queue queue(db, elsewhere, config);
  enqueue(queue, "first", {.after = 2h, .key = "k"});
  enqueue(queue, "second", {.after = 1h, .key = "k"});
  enqueue(queue, "third", {.after = 3h, .key = "k"});
  const Timestamp due = job().due_at;
  EXPECT_LT(due, now() + 61min);
  EXPECT_GT(due, now() + 50min);
  enqueue(queue, "another", {.key = "l"});
  enqueue(queue, "of another kind", {.key = "k"}, kOther);
  enqueue(queue, "without", {});
  enqueue(queue, "without", {});
  EXPECT_EQ(jobs().size(), 5u);
}

TEST_F(JobsTest, WhatIsEnqueuedAgainWhileItRunsIsDoneOnceMore) {
  Latch latch;
  Node node(db, config, {handle(kErrand, [&](Errand) -> Task<> {
              ++runs;
              co_await latch.pass();
            })});
  enqueue(node.queue, "a", {.key = "k"});
  ASSERT_TRUE(eventually([&] { return latch.waiting() == 1; }));
  for (int i = 0; i < 5; ++i) enqueue(node.queue, "a", {.key = "k"});
  EXPECT_EQ(job().state, "running");
  latch.open();
  EXPECT_TRUE(eventually([&] { return jobs().empty(); }));
  EXPECT_EQ(runs, 2);
}

TEST_F(JobsTest, AsksToBeDoneAgain) {
  Node node(db, config, {handle(kErrand, [&](Errand, Attempt attempt) -> Task<> {
              EXPECT_EQ(attempt.number(), 1);
              if (++runs < 3) attempt.again_after(1ms);
              co_return;
            })});
  enqueue(node.queue, "a");
  EXPECT_TRUE(eventually([&] { return jobs().empty(); }));
  EXPECT_EQ(runs, 3);
}

TEST_F(JobsTest, AKindIsHandledOnce) {
  net::Runtime elsewhere(1);
  Queue queue(db, elsewhere, config);
  queue.add(Handlers{counting()});
  EXPECT_THROW(queue.add(Handlers{counting()}), std::logic_error);
  EXPECT_THROW(queue.add(Chores{{"errand", [](pg::Tx&, int) { return 0; }}}), std::logic_error);
  queue.add(Handlers{counting(kOther)});
  EXPECT_EQ(queue.kinds(), (std::vector<std::string>{"errand", "other"}));
}

TEST_F(JobsTest, WorkersAreBounded) {
  config.workers = 3;
  Latch latch;
  std::atomic<int> now = 0, most = 0;
  Node node(db, config, {handle(kErrand, [&](Errand) -> Task<> {
              most = std::max(most.load(), ++now);
              co_await latch.pass();
              --now;
            })});
  for (int i = 0; i < 20; ++i) enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return latch.waiting() == 3; }));
  latch.open();
  EXPECT_TRUE(eventually([&] { return jobs().empty(); }));
  EXPECT_EQ(most, 3);
}

TEST_F(JobsTest, AKindThatHasManyLeavesAWorkerToTheOthers) {
  config.workers = 3;
  Latch latch;
  Node node(db, config, {handle(kErrand, [&](Errand) { return latch.pass(); }), counting(kOther)});
  for (int i = 0; i < 20; ++i) enqueue(node.queue, "a");
  ASSERT_TRUE(eventually([&] { return latch.waiting() == 2; }));
  enqueue(node.queue, "b", {}, kOther);
  EXPECT_TRUE(eventually([&] { return runs == 1; }));
  EXPECT_EQ(latch.waiting(), 2);
  latch.open();
  EXPECT_TRUE(eventually([&] { return jobs().empty(); }));
}

TEST_F(JobsTest, CountsWhatItDoes) {
  config.lease = 100ms;
  config.first_wait = 1h;
  config.longest_wait = 1h;
  Node node(db, config, {counting(), handle(kOther, [](Errand errand) -> Task<> {
                           if (errand.name == "bad") throw std::runtime_error("never");
                           co_return;
                         })});
  enqueue(node.queue, "a");
  enqueue(node.queue, "bad", {}, kOther);
  sql("insert into jobs (id, kind, payload, due_at) values"
      " (gen_random_uuid(), 'unknown', '{}', now() - interval '1 hour')");
  EXPECT_TRUE(eventually([&] {
    const auto errand = node.queue.stats("errand"), other = node.queue.stats("other"),
               unknown = node.queue.stats("");
    return errand.done == 1 && errand.waiting == 0 && other.failed == 1 && other.waiting == 1 &&
           other.oldest_seconds == 0 && unknown.waiting == 1 && unknown.oldest_seconds >= 3600;
  }));
}

}  // namespace
}  // namespace stoa::jobs::test
