// Single statements over pipelines: who shares a connection does not feel the others; contexts and databases that
// end while statements are under way. What goes wrong on either way is in ways_test.cpp.
#include "support.hpp"

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace stoa::pg::test {
namespace {

Task<int> number(Database* db, int n) {
  const int answer = co_await db->run(query<int>("select $1::integer", n));
  co_return answer;
}

Task<std::string> text(Database* db, std::string sent) {
  const std::string answer = co_await db->run(query<std::string>("select $1::text", sent));
  co_return answer;
}

Task<std::vector<int>> numbers(Database* db, int last) {
  const auto answer =
      co_await db->run(query<std::vector<int>>("select generate_series(1, $1::integer)", last));
  co_return answer;
}

Task<std::vector<std::string>> texts(Database* db, std::vector<std::string> sent) {
  const auto answer =
      co_await db->run(query<std::vector<std::string>>("select unnest($1::text[])", sent));
  co_return answer;
}

Task<std::string> mistake(Database* db) {
  try {
    co_await db->run(query<int>("select 1 from nowhere"));
  } catch (const QueryFailure& failure) {
    co_return failure.sqlstate;
  }
  co_return "none";
}

Task<std::string> kind_of_items(Database* db) {
  const auto kind =
      co_await db->run(query<std::string>("select pg_typeof(id) || '' from items limit 1"));
  co_return kind;
}

Task<std::string> row_of_items(Database* db) {
  const auto row = co_await db->run(query<std::optional<std::string>>("select * from items"));
  co_return row.value_or("nothing");
}

Task<std::int64_t> forget_all(Database* db) {
  const Count none = co_await db->run(query<Count>("deallocate all"));
  co_return none.value;
}

Task<> wait_at(Database* db, std::int64_t gate, Code* code) {
  try {
    co_await db->run(query<int>("select 1 from pg_advisory_xact_lock_shared($1)", gate));
    *code = Code::internal;
  } catch (const Error& error) {
    *code = error.code();
  }
}

class PipelineTest : public testing::Test {
 protected:
  // One thread and one pipeline.
  DatabaseOptions one() const {
    auto options = schema.options(1);
    options.pipelines = 1;
    return options;
  }
  Schema schema;
};

TEST_F(PipelineTest, AnswersOfEveryKind) {
  Database db(one());
  Loop loop(db);
  EXPECT_EQ(loop.await(number(&db, 42)), 42);
  EXPECT_EQ(loop.await(numbers(&db, 3)), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(loop.await(text(&db, "")), "");
  const std::vector<std::string> list{"", "a,\"b\"", "NULL"};
  EXPECT_EQ(loop.await(texts(&db, list)), list);
  EXPECT_EQ(loop.await(texts(&db, {})), std::vector<std::string>());
  EXPECT_GE(db.pipeline_stats().transactions, 5U);
  EXPECT_EQ(db.stats().transactions, 0U);
}

TEST_F(PipelineTest, AContextWithoutOneGoesToTheThreads) {
  Database db(one());
  EXPECT_EQ(await(number(&db, 1)), 1);
  EXPECT_EQ(db.stats().transactions, 1U);
  EXPECT_EQ(db.pipeline_stats().transactions, 0U);
}

TEST_F(PipelineTest, WithNoneConfiguredAllGoesToTheThreads) {
  auto options = one();
  options.pipelines = 0;
  Database db(options);
  Loop loop(db);
  EXPECT_EQ(loop.await(number(&db, 1)), 1);
  EXPECT_EQ(db.stats().transactions, 1U);
}

TEST_F(PipelineTest, AMistakeHarmsNobodyBesideIt) {
  Database db(one());
  Loop loop(db);
  std::vector<std::future<int>> good;
  std::vector<std::future<std::string>> bad;
  for (int i = 0; i < 60; ++i) {
    good.push_back(loop.start(number(&db, i)));
    bad.push_back(loop.start(mistake(&db)));
  }
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(good[i].get(), i);
    EXPECT_EQ(bad[i].get(), "42P01");
  }
}

TEST_F(PipelineTest, WhatIsLargerThanEveryBufferPassesBothWays) {
  auto options = one();
  options.statement_timeout = 1min;
  Database db(options);
  Loop loop(db);
  const std::string large(1'000'000, 'x');
  std::vector<std::future<std::string>> echoes;
  for (int i = 0; i < 20; ++i) echoes.push_back(loop.start(text(&db, large)));
  for (auto& echo : echoes) EXPECT_EQ(echo.get(), large);
}

TEST_F(PipelineTest, AStatementWhosePlanIsStaleIsPreparedAgain) {
  schema.script("create table items (id integer); insert into items values (1)");
  Database db(one());
  Loop loop(db);
  EXPECT_EQ(loop.await(kind_of_items(&db)), "integer");
  EXPECT_EQ(loop.await(row_of_items(&db)), "1");
  schema.script("alter table items alter id type text");  // 0A000 for what selects a star
  EXPECT_EQ(loop.await(row_of_items(&db)), "1");
  EXPECT_EQ(loop.await(kind_of_items(&db)), "text");
  EXPECT_EQ(loop.await(forget_all(&db)), 0);  // 26000
  EXPECT_EQ(loop.await(row_of_items(&db)), "1");
  EXPECT_EQ(db.pipeline_stats().failures, 0U);
}

TEST_F(PipelineTest, AContextThatIsDestroyedTakesItsCoroutinesWithIt) {
  Gate gate(schema);
  Database db(one());
  std::vector<Code> codes(3, Code::conflict);
  {
    asio::io_context context;
    db.attach(context);
    for (auto& code : codes) {
      asio::co_spawn(context, wait_at(&db, gate.number(), &code), asio::detached);
    }
    std::thread thread([&] { context.run(); });
    EXPECT_TRUE(eventually([&] { return gate.waiting().size() == 1; }));
    context.stop();
    thread.join();
  }
  gate.open();
  EXPECT_EQ(codes, std::vector<Code>(3, Code::conflict));
  // Another context, perhaps at the same place.
  EXPECT_EQ(await(number(&db, 5)), 5);
}

TEST_F(PipelineTest, StoppingAnswersWhatIsUnderWay) {
  Gate gate(schema);
  Database db(one());
  Loop loop(db);
  std::vector<Code> codes(3, Code::conflict);
  std::vector<std::future<void>> waits;
  for (auto& code : codes) waits.push_back(loop.start(wait_at(&db, gate.number(), &code)));
  EXPECT_TRUE(eventually([&] { return gate.waiting().size() == 1; }));
  db.stop();
  for (auto& wait : waits) wait.get();
  EXPECT_EQ(codes, std::vector<Code>(3, Code::shutting_down));
  Code code = Code::conflict;
  loop.await(wait_at(&db, gate.number(), &code));
  EXPECT_EQ(code, Code::shutting_down);
  gate.open();
}

TEST_F(PipelineTest, ManyLoopsManyStatements) {
  auto options = schema.options(1);
  options.pipelines = 2;
  options.pipeline_depth = 1000;
  Database db(options);
  std::vector<std::unique_ptr<Loop>> loops;
  for (int i = 0; i < 3; ++i) loops.push_back(std::make_unique<Loop>(db));
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 1500; ++i) answers.push_back(loops[i % 3]->start(number(&db, i)));
  long sum = 0;
  for (auto& answer : answers) sum += answer.get();
  EXPECT_EQ(sum, 1500L * 1499 / 2);
  EXPECT_TRUE(eventually([&] { return db.pipeline_stats().idle == 6; }));
  EXPECT_EQ(db.pipeline_stats().transactions, 1500U);
  EXPECT_EQ(db.pipeline_stats().queued, 0U);
}

}  // namespace
}  // namespace stoa::pg::test
