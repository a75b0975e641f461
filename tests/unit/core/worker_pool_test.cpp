#include <stoa/core/error.hpp>
#include <stoa/core/worker_pool.hpp>

#include <future>
#include <latch>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace stoa {
namespace {

struct Outcome {
  int value = 0;
  std::optional<Code> refused;
  std::thread::id resumed_on;
};

Task<> ask(WorkerPool& pool, std::shared_ptr<std::latch> gate, Outcome& out, TurnKey who = {}) {
  try {
    auto work = [gate] {
      if (gate) gate->wait();
      return 7;
    };
    const int value = co_await pool.run_for(who, std::move(work));
    out.value = value;
  } catch (const Error& error) {
    out.refused = error.code();
  }
  out.resumed_on = std::this_thread::get_id();
}

void spawn(asio::io_context& io, Task<> task) {
  asio::co_spawn(io, std::move(task), [](std::exception_ptr error) { ASSERT_FALSE(error); });
}

TEST(WorkerPool, AnswersOnTheCallersExecutor) {
  asio::io_context io;
  WorkerPool pool(2, 10);
  Outcome outcome;
  spawn(io, ask(pool, nullptr, outcome));
  io.run();
  EXPECT_EQ(outcome.value, 7);
  EXPECT_EQ(outcome.resumed_on, std::this_thread::get_id());
  EXPECT_EQ(pool.stats().threads, 2u);
}

Task<> throws(WorkerPool& pool, std::string& out) {
  try {
    auto work = []() -> std::string { throw std::runtime_error("from the thread"); };
    const std::string never = co_await pool.run(std::move(work));
    out = never;
  } catch (const std::runtime_error& error) {
    out = error.what();
  }
  auto nothing = [] {};
  co_await pool.run(std::move(nothing));
  out += ", then on";
}

TEST(WorkerPool, PassesExceptionsAndVoid) {
  asio::io_context io;
  WorkerPool pool(1, 10);
  std::string out;
  spawn(io, throws(pool, out));
  io.run();
  EXPECT_EQ(out, "from the thread, then on");
}

// The end of the work looks whether its answer is there already.
TEST(WorkerPool, DestroysTheWorkBeforeItAnswers) {
  asio::io_context io;
  WorkerPool pool(1, 10);
  bool is_answered = false;
  std::optional<bool> was_answered;
  std::latch ended(1);
  auto look = [&](int* held) {
    delete held;
    io.poll();
    was_answered = is_answered;
    ended.count_down();
  };
  auto coroutine = [&]() -> Task<> {
    auto work = [held = std::unique_ptr<int, decltype(look)>(new int(7), look)] { return *held; };
    const int value = co_await pool.run(std::move(work));
    is_answered = value == 7;
  };
  spawn(io, coroutine());
  io.poll();
  ended.wait();
  io.run();
  EXPECT_EQ(was_answered, false);
  EXPECT_TRUE(is_answered);
}

TEST(WorkerPool, RefusesAtOnceWhenFull) {
  asio::io_context io;
  WorkerPool pool(1, 2);
  const auto gate = std::make_shared<std::latch>(1);
  std::vector<Outcome> outcomes(5);
  for (auto& outcome : outcomes) spawn(io, ask(pool, gate, outcome));
  io.poll();  // one runs or is about to, two wait, the others are refused without any waiting
  EXPECT_EQ(outcomes[3].refused, Code::overloaded);
  EXPECT_EQ(outcomes[4].refused, Code::overloaded);
  EXPECT_EQ(pool.stats().refused, 2u);
  gate->count_down();
  io.restart();
  io.run();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(outcomes[i].value, 7) << i;
}

TEST(WorkerPool, GivesAFullQueuesPlaceToOneWhoHasLessInIt) {
  asio::io_context io;
  WorkerPool pool(1, 3);
  const auto gate = std::make_shared<std::latch>(1);
  std::vector<Outcome> flood(5);
  for (auto& outcome : flood) spawn(io, ask(pool, gate, outcome, {1, 1}));
  Outcome other;
  spawn(io, ask(pool, gate, other, {2, 1}));
  io.poll();
  EXPECT_EQ(other.refused, std::nullopt);
  EXPECT_EQ(flood[3].refused, Code::overloaded);
  EXPECT_EQ(flood[4].refused, Code::overloaded);
  gate->count_down();
  io.restart();
  io.run();
  EXPECT_EQ(other.value, 7);
}

TEST(WorkerPool, GivesAPlaceWithinAnAddressToOneWhoHasLessThere) {
  asio::io_context io;
  WorkerPool pool(1, 3);
  const auto gate = std::make_shared<std::latch>(1);
  std::vector<Outcome> flood(5);
  for (auto& outcome : flood) spawn(io, ask(pool, gate, outcome, {1, 1}));
  Outcome other;
  spawn(io, ask(pool, gate, other, {1, 2}));
  io.poll();
  EXPECT_EQ(other.refused, std::nullopt);
  EXPECT_EQ(flood[3].refused, Code::overloaded);
  EXPECT_EQ(flood[4].refused, Code::overloaded);
  gate->count_down();
  io.restart();
  io.run();
  EXPECT_EQ(other.value, 7);
}

TEST(WorkerPool, StopRefusesWhatWaitsAndEndsWhatRuns) {
  asio::io_context io;
  WorkerPool pool(1, 10);
  const auto gate = std::make_shared<std::latch>(1);
  std::vector<Outcome> outcomes(3);
  for (auto& outcome : outcomes) spawn(io, ask(pool, gate, outcome));
  io.poll();
  while (pool.stats().busy == 0) std::this_thread::yield();
  std::thread stopping([&] { pool.stop(); });
  while (pool.stats().queued > 0) std::this_thread::yield();
  gate->count_down();
  stopping.join();
  io.restart();
  io.run();
  EXPECT_EQ(outcomes[0].value, 7);
  EXPECT_EQ(outcomes[1].refused, Code::shutting_down);
  EXPECT_EQ(outcomes[2].refused, Code::shutting_down);
  Outcome late;
  spawn(io, ask(pool, nullptr, late));
  io.restart();
  io.run();
  EXPECT_EQ(late.refused, Code::shutting_down);
}

Task<> ask_unbounded(WorkerPool& pool, int& out) {
  auto work = [] { return 7; };
  const int value = co_await pool.run_unbounded(std::move(work));
  out += value;
}

TEST(WorkerPool, CountsNeitherWhatIsPostedNorWhatIsBoundedElsewhere) {
  asio::io_context io;
  WorkerPool pool(1, 1);
  const auto gate = std::make_shared<std::latch>(1);
  std::vector<Outcome> outcomes(3);
  spawn(io, ask(pool, gate, outcomes[0]));
  io.poll();
  while (pool.stats().busy == 0) std::this_thread::yield();
  int sum = 0;
  for (int i = 0; i < 5; ++i) pool.post([] {});
  for (int i = 0; i < 5; ++i) spawn(io, ask_unbounded(pool, sum));
  io.poll();
  spawn(io, ask(pool, nullptr, outcomes[1]));
  spawn(io, ask(pool, nullptr, outcomes[2]));
  spawn(io, ask_unbounded(pool, sum));
  io.poll();
  EXPECT_EQ(outcomes[1].refused, std::nullopt);
  EXPECT_EQ(outcomes[2].refused, Code::overloaded);
  gate->count_down();
  io.run();
  EXPECT_EQ(outcomes[1].value, 7);
  EXPECT_EQ(sum, 6 * 7);
}

TEST(WorkerPool, DoesWhatIsPostedWhateverWaits) {
  WorkerPool pool(1, 0);
  const auto gate = std::make_shared<std::latch>(1);
  std::atomic<int> done{0};
  pool.post([gate] { gate->wait(); });
  for (int i = 0; i < 5; ++i) pool.post([&done] { ++done; });
  std::thread stopping([&] { pool.stop(); });
  gate->count_down();
  stopping.join();
  EXPECT_EQ(done, 5);
  pool.post([&done] { ++done; });
  EXPECT_EQ(done, 6);
}

TEST(WorkerPool, ManyPiecesFromManyLoops) {
  WorkerPool pool(3, 10000);
  std::vector<std::thread> loops;
  std::atomic<int> sum{0};
  for (int t = 0; t < 3; ++t) {
    loops.emplace_back([&pool, &sum] {
      asio::io_context io;
      std::vector<Outcome> outcomes(300);
      for (auto& outcome : outcomes) spawn(io, ask(pool, nullptr, outcome));
      io.run();
      for (const auto& outcome : outcomes) sum += outcome.value;
    });
  }
  for (auto& loop : loops) loop.join();
  EXPECT_EQ(sum, 3 * 300 * 7);
}

}  // namespace
}  // namespace stoa
