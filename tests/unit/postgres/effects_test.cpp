// What follows a transaction in memory: when it happens, when it does not, and in which order.
#include "infra/postgres/commit_order.hpp"
#include "proxy.hpp"
#include "support.hpp"

#include <functional>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::pg::test {
namespace {

// What happened, in its order; from any thread.
class Story {
 public:
  void add(std::string what) {
    const std::scoped_lock lock(mutex_);
    text_ += (text_.empty() ? "" : ", ") + what;
  }
  std::string text() const {
    const std::scoped_lock lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class EffectsTest : public testing::Test {
 protected:
  EffectsTest() {
    schema.script("create table items (id integer primary key, n integer not null default 0)");
  }

  DatabaseOptions through_proxy() {
    DatabaseOptions options;
    options.url = schema.url(proxy.settings());
    options.connections = 1;
    return options;
  }
  // Writes, and has one effect of each kind.
  std::function<void(Tx&)> insertion(int id) {
    return [this, id](Tx& tx) {
      tx.run("insert into items values ($1)", id);
      tx.on_commit([this] { story.add("told"); });
      tx.then([this] { story.add("done"); });
    };
  }
  // An effect before those of `work`, and the caller after them.
  Task<> first_then(std::function<void(Tx&)> work) {
    auto both = [this, work = std::move(work)](Tx& tx) {
      tx.then([this] { story.add("first"); });
      work(tx);
    };
    co_await db.transaction(std::move(both));
    story.add("caller");
  }
  int count() {
    return db.run_blocking([](Tx& tx) { return tx.get<int>("select count(*) from items"); });
  }

  Schema schema;
  Proxy proxy;
  Database db{schema.options(2)};
  Story story;
};

TEST_F(EffectsTest, AreDoneInTheirOrderBeforeTheCallerGoesOn) {
  Loop loop(db);
  loop.await(first_then(insertion(1)));
  EXPECT_EQ(story.text(), "first, told, done, caller");
}

TEST_F(EffectsTest, AreNoneOfATransactionThatFails) {
  EXPECT_THROW(db.run_blocking([&](Tx& tx) {
    insertion(1)(tx);
    throw std::runtime_error("after all");
  }),
               std::runtime_error);
  EXPECT_EQ(error_of([&] {
              db.run_blocking([&](Tx& tx) {
                insertion(1)(tx);
                tx.run("do $$ begin raise exception using errcode = '53100'; end $$");
              });
            }),
            Code::db_unavailable);
  EXPECT_EQ(story.text(), "");
  db.run_blocking(insertion(1));
  EXPECT_EQ(story.text(), "told, done");
}

TEST_F(EffectsTest, AreThoseOfTheRunThatWasCommitted) {
  int runs = 0;
  db.run_blocking([&](Tx& tx) {
    ++runs;
    tx.then([&, run = runs] { story.add("run " + std::to_string(run)); });
    if (runs < 3) tx.run("do $$ begin raise exception using errcode = '40001'; end $$");
  });
  EXPECT_EQ(story.text(), "run 3");
}

TEST_F(EffectsTest, AreThoseOfTheRunThatWasCommittedWhenTheCommitItselfIsRefused) {
  schema.script(
      "create sequence commits;"
      "create function refuse_first() returns trigger language plpgsql as $$ begin"
      " if nextval('commits') = 1 then raise exception using errcode = '40001'; end if;"
      " return null; end $$;"
      "create constraint trigger refuse_first after insert on items deferrable initially deferred"
      " for each row execute function refuse_first()");
  int runs = 0;
  db.run_blocking([&](Tx& tx) {
    ++runs;
    tx.run("insert into items values (1)");
    tx.then([&, run = runs] { story.add("run " + std::to_string(run)); });
  });
  EXPECT_EQ(story.text(), "run 2");
  db.run_blocking([&](Tx& tx) { tx.then([&] { story.add("the next"); }); });
  EXPECT_EQ(story.text(), "run 2, the next");
}

TEST_F(EffectsTest, WhenTheAnswerToTheCommitIsLostOnlyWhatIsHarmlessIsDone) {
  Database fragile(through_proxy());
  ASSERT_TRUE(eventually([&] { return fragile.healthy(); }));
  proxy.lose_next_commit();
  EXPECT_EQ(error_of([&] { fragile.run_blocking(insertion(1)); }), Code::db_unavailable);
  EXPECT_EQ(story.text(), "done");
  EXPECT_EQ(count(), 1);
}

TEST_F(EffectsTest, WhenTheConnectionIsLostBeforeTheCommitTheyAreThoseOfTheSecondRun) {
  Database fragile(through_proxy());
  ASSERT_TRUE(eventually([&] { return fragile.healthy(); }));
  proxy.lose_answer_to("lost before the commit");
  fragile.run_blocking([&](Tx& tx) {
    insertion(1)(tx);
    tx.run("select 'lost before the commit'");
  });
  EXPECT_EQ(story.text(), "told, done");
}

TEST_F(EffectsTest, BelongToTransactionsOnly) {
  EXPECT_THROW(db.run_blocking([](Tx& tx) { tx.then([] {}); }, Mode::autocommit), std::logic_error);
}

TEST_F(EffectsTest, OneThatThrowsKeepsNoOtherFromBeingDone) {
  db.run_blocking([&](Tx& tx) {
    tx.then([] { throw std::runtime_error("broken"); });
    tx.then([&] { story.add("the next"); });
  });
  EXPECT_EQ(story.text(), "the next");
}

// Whichever threads they are committed on.
TEST_F(EffectsTest, OfTransactionsThatWaitForOneRowComeInTheOrderOfTheirCommits) {
  Database many(schema.options(8));
  many.run_blocking([](Tx& tx) { tx.run("insert into items values (1)"); });
  constexpr int kThreads = 16, kEach = 50;
  std::vector<int> told;  // by one effect at a time
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        many.run_blocking([&](Tx& tx) {
          const int n = tx.get<int>("update items set n = n + 1 where id = 1 returning n");
          tx.on_commit([&told, n] { told.push_back(n); });
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<int> expected(kThreads * kEach);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(told, expected);
}

// ---- The order itself ----

class CommitOrderTest : public testing::Test {
 protected:
  Aftermath committing(const std::string& name) {
    return order.before_commit({{[this, name] { story.add(name); }, false}});
  }
  std::function<void()> answered(const std::string& name) {
    return [this, name] { story.add(name + " answered"); };
  }

  Story story;
  CommitOrder order;
};

TEST_F(CommitOrderTest, WhatIsKnownEarlyWaitsForWhatWasSentBefore) {
  auto first = committing("first");
  auto second = committing("second");
  auto third = committing("third");
  second.settle(true, answered("second"));
  EXPECT_EQ(story.text(), "");
  first.settle(true, answered("first"));
  EXPECT_EQ(story.text(), "first, first answered, second, second answered");
  third.settle(true, answered("third"));
  EXPECT_EQ(story.text(), "first, first answered, second, second answered, third, third answered");
}

TEST_F(CommitOrderTest, APlaceThatIsGivenUpHoldsNobodyUp) {
  Aftermath second;
  {
    const auto first = committing("first");
    second = committing("second");
    second.settle(true, answered("second"));
    EXPECT_EQ(story.text(), "");
  }
  EXPECT_EQ(story.text(), "second, second answered");
}

TEST_F(CommitOrderTest, WithoutEffectsThereIsNothingToWaitFor) {
  auto first = committing("first");
  order.before_commit({}).settle(true, answered("reader"));
  EXPECT_EQ(story.text(), "reader answered");
  first.settle(false, answered("first"));
  EXPECT_EQ(story.text(), "reader answered, first answered");
}

TEST_F(CommitOrderTest, AnEffectMayFollowOnAnother) {
  auto first = order.before_commit({{[this] {
                                       auto inner = committing("inner");
                                       inner.settle(true, answered("inner"));
                                       story.add("outer");
                                     },
                                     false}});
  first.settle(true, answered("first"));
  EXPECT_EQ(story.text(), "outer, first answered, inner, inner answered");
}

}  // namespace
}  // namespace stoa::pg::test
