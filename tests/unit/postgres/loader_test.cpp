// Look-ups that go together: how few statements they take, and what becomes of them when one fails or is given up.
#include "support.hpp"

#include <stoa/postgres/loader.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace stoa::pg::test {
namespace {

struct Square {
  int place = 0;
  int value = 0;
};
BOOST_DESCRIBE_STRUCT(Square, (), (place, value))

std::atomic<int> asked{0};
std::atomic<std::size_t> keys_asked{0};
std::atomic<std::int64_t> gate_number{0};  // which a statement passes; 0: none

// Of even numbers only. -1 fails.
Query<std::vector<Square>> find_squares(const std::vector<int>& keys) {
  ++asked;
  keys_asked += keys.size();
  if (const auto number = gate_number.load(); number != 0) {
    return query<std::vector<Square>>(
        "select w.place, w.n * w.n + case when w.n < 0 then 1 / (w.n + 1) else 0 end from "
        "pg_advisory_xact_lock_shared($2),"
        " unnest($1::int[]) with ordinality w (n, place) where w.n % 2 <> 1",
        keys, number);
  }
  return query<std::vector<Square>>(
      "select w.place, w.n * w.n + case when w.n < 0 then 1 / (w.n + 1) else 0 end"
      " from unnest($1::int[]) with ordinality w (n, place) where w.n % 2 <> 1",
      keys);
}

using Squares = Loader<int, Square>;

Task<std::vector<int>> squares(Squares* loader, std::vector<int> keys) {
  std::vector<int> out;
  for (const auto& row : co_await loader->load_all(std::move(keys))) {
    out.push_back(row ? row->value : -1);
  }
  co_return out;
}

Task<int> square(Squares* loader, int key) {
  const auto row = co_await loader->load(key);
  co_return row ? row->value : -1;
}

Task<Code> failure(Squares* loader, int key) {
  try {
    co_await loader->load(key);
  } catch (const Error& error) {
    co_return error.code();
  } catch (const std::exception&) {
    co_return Code::internal;
  }
  co_return Code::not_found;
}

class LoaderTest : public testing::Test {
 protected:
  LoaderTest() {
    asked = 0;
    keys_asked = 0;
    gate_number = 0;
  }
  void start(const std::function<void(DatabaseOptions&)>& change = {}) {
    auto options = schema.options(1);
    if (change) change(options);
    db.emplace(options);
    loader.emplace(*db, &find_squares);
    loop.emplace(*db);
  }
  // What was started before has begun.
  void settle() {
    std::promise<void> begun;
    asio::post(loop->context(), [&] { begun.set_value(); });
    begun.get_future().get();
  }
  // All of them begin in one turn of the loop.
  template <class Make>
  auto start_all(int count, Make make) {
    std::vector<decltype(loop->start(make(0)))> all;
    std::promise<void> go;
    asio::post(loop->context(), [ready = go.get_future().share()] { ready.wait(); });
    for (int i = 0; i < count; ++i) all.push_back(loop->start(make(i)));
    go.set_value();
    return all;
  }

  Schema schema;
  std::optional<Database> db;
  std::optional<Squares> loader;
  std::optional<Loop> loop;
};

TEST_F(LoaderTest, AnswersEachKeyInItsPlace) {
  start();
  EXPECT_EQ(loop->await(square(&*loader, 4)), 16);
  EXPECT_EQ(loop->await(square(&*loader, 3)), -1);
  EXPECT_EQ(loop->await(squares(&*loader, {2, 5, 6, 2})), (std::vector<int>{4, -1, 36, 4}));
  EXPECT_EQ(loop->await(squares(&*loader, {})), std::vector<int>());
}

TEST_F(LoaderTest, WhatComesInOneTurnIsOneStatement) {
  start();
  auto all = start_all(100, [&](int i) { return square(&*loader, 2 * i); });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(), 4 * i * i);
  EXPECT_EQ(asked, 1);
}

TEST_F(LoaderTest, WhatComesMeanwhileGoesTogetherIntoTheNextOnes) {
  start([](DatabaseOptions& options) { options.lookup_batch = 64; });
  Gate closed(schema);
  gate_number = closed.number();
  auto first = loop->start(square(&*loader, 2));
  ASSERT_TRUE(eventually([&] { return closed.waiting().size() == 1; }));
  std::vector<std::future<int>> all;
  for (int i = 0; i < 100; ++i) all.push_back(loop->start(square(&*loader, 2 * i)));
  settle();
  closed.open();
  EXPECT_EQ(first.get(), 4);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(), 4 * i * i);
  EXPECT_EQ(asked, 3);  // 1, 64 and 36
}

TEST_F(LoaderTest, MoreKeysThanAStatementTakesAreSeveral) {
  start([](DatabaseOptions& options) { options.lookup_batch = 10; });
  std::vector<int> keys;
  for (int i = 0; i < 25; ++i) keys.push_back(2 * i);
  const auto found = loop->await(squares(&*loader, keys));
  for (std::size_t i = 0; i < 25; ++i) EXPECT_EQ(found[i], static_cast<int>(4 * i * i));
  EXPECT_EQ(asked, 3);
}

TEST_F(LoaderTest, AFailureIsEverybodysWhoAskedTogether) {
  start();
  auto all = start_all(5, [&](int i) { return failure(&*loader, i == 3 ? -1 : 2 * i); });
  for (auto& one : all) EXPECT_EQ(one.get(), Code::internal);
  EXPECT_EQ(loop->await(square(&*loader, 4)), 16);
}

TEST_F(LoaderTest, AFailureIsNotTheirsWhoWaitBehindIt) {
  start();
  Gate closed(schema);
  gate_number = closed.number();
  auto first = loop->start(failure(&*loader, -1));
  ASSERT_TRUE(eventually([&] { return closed.waiting().size() == 1; }));
  auto behind = start_all(5, [&](int i) { return square(&*loader, 2 * i); });
  settle();
  closed.open();
  EXPECT_EQ(first.get(), Code::internal);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(behind[static_cast<std::size_t>(i)].get(), 4 * i * i);
  EXPECT_EQ(asked, 2);
}

TEST_F(LoaderTest, NobodyWaitsForLongerThanAStatementMay) {
  start([](DatabaseOptions& options) {
    options.lookup_batch = 1;
    options.queue_timeout = 10ms;
    options.statement_timeout = 100ms;
  });
  Gate closed(schema);
  gate_number = closed.number();
  auto all = start_all(30, [&](int i) { return failure(&*loader, 2 * i); });
  for (auto& one : all) EXPECT_EQ(one.get(), Code::db_unavailable);
  // Each has taken its 100 ms, and 1.11 s after they came the rest was told.
  EXPECT_LE(asked, 12);
}

TEST_F(LoaderTest, NoMoreWaitThanMay) {
  start([](DatabaseOptions& options) { options.lookups = 3; });
  Gate closed(schema);
  gate_number = closed.number();
  auto first = loop->start(square(&*loader, 2));
  ASSERT_TRUE(eventually([&] { return closed.waiting().size() == 1; }));
  auto waiting = start_all(4, [&](int i) { return failure(&*loader, 2 * i); });
  EXPECT_EQ(waiting[3].get(), Code::overloaded);
  closed.open();
  EXPECT_EQ(first.get(), 4);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(waiting[i].get(), Code::not_found);
}

TEST_F(LoaderTest, ACancelledLookupLeavesTheOthersTheirs) {
  start();
  asio::cancellation_signal cancel;
  std::promise<bool> failed;
  std::vector<std::future<int>> others;
  std::promise<void> begun;
  // The first one is to ask for all, and is cancelled before its turn has come.
  asio::post(loop->context(), [&] {
    asio::co_spawn(loop->context(), square(&*loader, 2),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr why, int) {
                     failed.set_value(why != nullptr);
                   }));
    for (int i = 0; i < 10; ++i) others.push_back(loop->start(square(&*loader, 2 * i)));
    cancel.emit(asio::cancellation_type::terminal);
    begun.set_value();
  });
  begun.get_future().get();
  EXPECT_TRUE(failed.get_future().get());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(others[static_cast<std::size_t>(i)].get(), 4 * i * i);
  EXPECT_EQ(asked, 1);
}

TEST_F(LoaderTest, WhoIsCancelledWhileItWaitsIsNotAskedFor) {
  start();
  Gate closed(schema);
  gate_number = closed.number();
  auto first = loop->start(square(&*loader, 2));
  ASSERT_TRUE(eventually([&] { return closed.waiting().size() == 1; }));
  asio::cancellation_signal cancel;
  std::promise<bool> failed;
  asio::post(loop->context(), [&] {
    asio::co_spawn(loop->context(), square(&*loader, 4),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr why, int) {
                     failed.set_value(why != nullptr);
                   }));
  });
  settle();
  auto last = loop->start(square(&*loader, 6));
  asio::post(loop->context(), [&] { cancel.emit(asio::cancellation_type::terminal); });
  settle();
  closed.open();
  EXPECT_EQ(first.get(), 4);
  EXPECT_TRUE(failed.get_future().get());
  EXPECT_EQ(last.get(), 36);
  EXPECT_EQ(keys_asked, 2U);
}

}  // namespace
}  // namespace stoa::pg::test
