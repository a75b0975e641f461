// Group commit: order, all or nothing, bounds, and what one lane can carry.
#include "support.hpp"

#include <stoa/postgres/batcher.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <latch>
#include <numeric>
#include <vector>

#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace stoa::pg::test {

struct Note {
  int writer = 0;
  int number = 0;
};
using Notes = Batcher<Note, std::int64_t>;
using Result = BatchResult<std::int64_t>;

constexpr int kRefused = -1;  // gets an Error of its own
constexpr int kPoison = -2;   // breaks the statement

// Stores the notes in their order and answers their sequence numbers.
std::vector<Result> store(Tx& tx, std::span<const Note> notes) {
  std::vector<int> writers, numbers;
  for (const auto& note : notes) {
    if (note.number == kPoison) throw std::runtime_error("poison");
    writers.push_back(note.writer);
    numbers.push_back(note.number);
  }
  const auto seqs = tx.list<std::int64_t>(
      "insert into notes (writer, number) select w, n from unnest($1::integer[], $2::integer[]) "
      "with ordinality as item (w, n, i) order by i returning seq",
      writers, numbers);
  std::vector<Result> results;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (notes[i].number == kRefused) {
      results.emplace_back(Error(Code::forbidden));
    } else {
      results.emplace_back(seqs[i]);
    }
  }
  return results;
}

struct Answer {
  std::int64_t seq = 0;  // 0: failed
  Code code = Code::internal;
};

Task<> add(Notes* notes, Note note, Answer* answer, BatchWeight weight = {}) {
  try {
    answer->seq = co_await notes->add(note, weight);
  } catch (const Error& error) {
    answer->code = error.code();
  } catch (const std::exception&) {
    answer->code = Code::conflict;
  }
}

class BatcherTest : public testing::Test {
 protected:
  BatcherTest() {
    schema.script(
        "create table notes (seq bigint generated always as identity primary key, "
        "writer integer not null, number integer not null)");
  }

  std::int64_t stored() {
    return db.run_blocking(
        [](Tx& tx) { return tx.get<std::int64_t>("select count(*) from notes"); });
  }
  // The work that waits at the gate first.
  Notes::Work gated() const { return gated_by(gate); }
  static Notes::Work gated_by(const Gate& at) {
    return [number = at.number()](Tx& tx, std::span<const Note> notes) {
      Gate::pass(tx, number);
      return store(tx, notes);
    };
  }
  bool someone_waits() {
    return eventually([this] { return gate.waiting().size() == 1; });
  }

  Schema schema;
  Database db{schema.options(1)};
  Gate gate{schema};
  const Notes::Committed nothing = [](std::span<const Note>, std::span<const Result>) {};
};

TEST_F(BatcherTest, ALoneItemIsCommittedAndAnswered) {
  Notes notes(schema.options(), {}, store, nothing);
  asio::io_context context;
  Answer answer;
  asio::co_spawn(context, add(&notes, {1, 1}, &answer), asio::detached);
  context.run();
  EXPECT_EQ(answer.seq, 1);
  EXPECT_EQ(stored(), 1);
}

TEST_F(BatcherTest, KeepsEachContextsOrderAndPublishesBeforeItAnswers) {
  constexpr int kContexts = 3, kEach = 2000;
  std::vector<std::int64_t> published;
  std::atomic<std::int64_t> last_published{0};
  Notes notes(schema.options(), {.batch = 64}, store,
              [&](std::span<const Note> in, std::span<const Result> out) {
                ASSERT_EQ(in.size(), out.size());
                for (const auto& result : out) published.push_back(std::get<std::int64_t>(result));
                last_published = published.back();
              });
  std::vector<std::vector<Answer>> answers(kContexts, std::vector<Answer>(kEach));
  std::vector<std::thread> threads;
  std::atomic<bool> early = false;
  for (int c = 0; c < kContexts; ++c) {
    threads.emplace_back([&, c] {
      asio::io_context context;
      for (int i = 0; i < kEach; ++i) {
        asio::co_spawn(context, add(&notes, {c, i}, &answers[c][i]), [&, c, i](std::exception_ptr) {
          if (answers[c][i].seq > last_published) early = true;
        });
      }
      context.run();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(early);
  EXPECT_TRUE(std::is_sorted(published.begin(), published.end()));
  EXPECT_EQ(published.size(), static_cast<std::size_t>(kContexts * kEach));
  for (const auto& of_context : answers) {
    for (int i = 1; i < kEach; ++i) ASSERT_LT(of_context[i - 1].seq, of_context[i].seq);
  }
  EXPECT_EQ(stored(), kContexts * kEach);
  EXPECT_LT(notes.stats().commits, static_cast<std::uint64_t>(kContexts * kEach) / 10);
}

TEST_F(BatcherTest, AnItemsErrorIsItsOwn) {
  Notes notes(schema.options(), {}, store, nothing);
  asio::io_context context;
  std::vector<Answer> answers(3);
  asio::co_spawn(context, add(&notes, {0, 1}, &answers[0]), asio::detached);
  asio::co_spawn(context, add(&notes, {0, kRefused}, &answers[1]), asio::detached);
  asio::co_spawn(context, add(&notes, {0, 2}, &answers[2]), asio::detached);
  context.run();
  EXPECT_GT(answers[0].seq, 0);
  EXPECT_EQ(answers[1].code, Code::forbidden);
  EXPECT_GT(answers[2].seq, 0);
}

TEST_F(BatcherTest, APoisonedItemFailsAlone) {
  Notes notes(schema.options(), {}, gated(), nothing);
  asio::io_context context;
  std::vector<Answer> answers(50);
  for (int i = 0; i < 50; ++i) {
    const int number = i == 17 || i == 40 ? kPoison : i;
    asio::co_spawn(context, add(&notes, {0, number}, &answers[i]), asio::detached);
  }
  std::thread loop([&] { context.run(); });
  gate.open();
  loop.join();
  for (int i = 0; i < 50; ++i) {
    if (i == 17 || i == 40) {
      EXPECT_EQ(answers[i].code, Code::conflict) << i;
    } else {
      EXPECT_GT(answers[i].seq, 0) << i;
    }
  }
  EXPECT_EQ(stored(), 48);
  EXPECT_EQ(notes.stats().failed, 2U);
}

TEST_F(BatcherTest, AnErrorOfTheWorkIsTheWholeBatchs) {
  std::atomic<int> published = 0;
  Notes notes(
      schema.options(), {},
      [](Tx& tx, std::span<const Note> in) -> std::vector<Result> {
        store(tx, in);
        throw Error(Code::forbidden);
      },
      [&](std::span<const Note>, std::span<const Result>) { ++published; });
  asio::io_context context;
  std::vector<Answer> answers(20);
  for (auto& answer : answers) {
    asio::co_spawn(context, add(&notes, {0, 1}, &answer), asio::detached);
  }
  context.run();
  for (const auto& answer : answers) EXPECT_EQ(answer.code, Code::forbidden);
  EXPECT_EQ(stored(), 0);
  EXPECT_EQ(published, 0);
}

TEST_F(BatcherTest, AFullQueueRefusesAtOnce) {
  Notes notes(schema.options(), {.batch = 1, .queue = 4}, gated(), nothing);
  asio::io_context context;
  std::vector<Answer> answers(10);
  asio::co_spawn(context, add(&notes, {0, 0}, &answers[0]), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(someone_waits());
  for (int i = 1; i < 10; ++i) {
    asio::co_spawn(context, add(&notes, {0, i}, &answers[i]), asio::detached);
  }
  EXPECT_TRUE(eventually([&] { return notes.stats().refused == 5; }));
  gate.open();
  loop.join();
  for (int i = 0; i < 5; ++i) EXPECT_GT(answers[i].seq, 0);
  for (int i = 5; i < 10; ++i) EXPECT_EQ(answers[i].code, Code::overloaded);
}

TEST_F(BatcherTest, AQueueFullOfBytesRefusesAtOnce) {
  Notes notes(schema.options(), {.batch = 1, .queue_bytes = 55}, gated(), nothing);
  asio::io_context context;
  std::vector<Answer> answers(4);
  asio::co_spawn(context, add(&notes, {0, 0}, &answers[0], {{}, 60}), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(someone_waits());
  // The first waits although it is larger than the queue may be: it would never be let in otherwise.
  for (int i = 1; i < 4; ++i) {
    asio::co_spawn(context, add(&notes, {0, i}, &answers[i], {{}, 160}), asio::detached);
  }
  EXPECT_TRUE(eventually([&] { return notes.stats().refused == 2; }));
  gate.open();
  loop.join();
  EXPECT_GT(answers[1].seq, 0);
  EXPECT_EQ(answers[2].code, Code::overloaded);
  EXPECT_EQ(answers[3].code, Code::overloaded);
  EXPECT_EQ(stored(), 2);
}

TEST_F(BatcherTest, ABatchIsBoundedInBytes) {
  std::vector<std::size_t> sizes;
  Notes notes(
      schema.options(), {.batch_bytes = 100}, gated(),
      [&](std::span<const Note> in, std::span<const Result>) { sizes.push_back(in.size()); });
  asio::io_context context;
  std::vector<Answer> answers(6);
  asio::co_spawn(context, add(&notes, {0, 0}, &answers[0]), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(someone_waits());
  for (int i = 1; i < 5; ++i) {
    asio::co_spawn(context, add(&notes, {0, i}, &answers[i], {{}, 40}), asio::detached);
  }
  asio::co_spawn(context, add(&notes, {0, 5}, &answers[5], {{}, 500}), asio::detached);
  EXPECT_TRUE(eventually([&] { return notes.stats().queued == 5; }));
  gate.open();
  loop.join();
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 2, 2, 1}));
  for (const Answer& answer : answers) EXPECT_GT(answer.seq, 0);
}

TEST_F(BatcherTest, WhoAddsMuchDoesNotTakeTheBatchesFromOthers) {
  std::vector<int> first;  // the writers of the first batch after the one at the gate
  Notes notes(schema.options(), {.batch_bytes = 800}, gated(),
              [&](std::span<const Note> in, std::span<const Result>) {
                if (in.front().number == 0) return;
                if (!first.empty()) return;
                for (const Note& note : in) first.push_back(note.writer);
              });
  asio::io_context context;
  std::vector<Answer> answers(42);
  const Uuid flooder = Uuid::v7(), other = Uuid::v7();
  asio::co_spawn(context, add(&notes, {0, 0}, &answers[0]), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(someone_waits());
  for (int i = 1; i <= 40; ++i) {
    asio::co_spawn(context, add(&notes, {1, i}, &answers[i], {flooder, 50}), asio::detached);
  }
  asio::co_spawn(context, add(&notes, {2, 41}, &answers[41], {other, 50}), asio::detached);
  EXPECT_TRUE(eventually([&] { return notes.stats().queued == 41; }));
  gate.open();
  loop.join();
  // The one of the other, who has least, the flooder's eighth, and then what there is room for.
  ASSERT_EQ(first.size(), 16U);
  EXPECT_EQ(first[0], 2);
  EXPECT_EQ(std::count(first.begin(), first.end(), 1), 15);
  for (std::size_t i = 2; i <= 40; ++i) EXPECT_GT(answers[i].seq, answers[i - 1].seq);
}

TEST_F(BatcherTest, WhoAddsLittleIsFirstHoweverManyAddMuch) {
  std::vector<int> first;
  Notes notes(schema.options(), {.batch_bytes = 800}, gated(),
              [&](std::span<const Note> in, std::span<const Result>) {
                if (in.front().number == 0 || !first.empty()) return;
                for (const Note& note : in) first.push_back(note.writer);
              });
  asio::io_context context;
  constexpr int kFlooders = 20, kEach = 4;
  std::vector<Answer> answers(2 + kFlooders * kEach);
  asio::co_spawn(context, add(&notes, {0, 0}, &answers[0]), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(someone_waits());
  int number = 0;
  for (int writer = 1; writer <= kFlooders; ++writer) {
    const Uuid flooder = Uuid::v7();
    for (int i = 0; i < kEach; ++i) {
      ++number;
      asio::co_spawn(context, add(&notes, {writer, number}, &answers[number], {flooder, 100}),
                     asio::detached);
    }
  }
  asio::co_spawn(context, add(&notes, {99, number + 1}, &answers[number + 1], {Uuid::v7(), 10}),
                 asio::detached);
  EXPECT_TRUE(
      eventually([&] { return notes.stats().queued == std::size_t(kFlooders) * kEach + 1; }));
  gate.open();
  loop.join();
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first[0], 99);
}

TEST_F(BatcherTest, LargeItemsWaitWhileTheyMayNotGo) {
  std::atomic<bool> may_go{false};
  Notes notes(schema.options(), {.large = 50, .large_may_go = [&] { return may_go.load(); }}, store,
              nothing);
  asio::io_context context;
  const auto guard = asio::make_work_guard(context);
  std::thread loop([&] { context.run(); });
  std::vector<Answer> answers(4);
  const Uuid writer = Uuid::v7();
  asio::co_spawn(context, add(&notes, {1, 0}, &answers[0], {writer, 51}), asio::detached);
  asio::co_spawn(context, add(&notes, {1, 1}, &answers[1], {writer, 10}), asio::detached);
  EXPECT_TRUE(eventually([&] { return notes.stats().queued == 2; }));
  asio::co_spawn(context, add(&notes, {2, 2}, &answers[2], {Uuid::v7(), 50}), asio::detached);
  EXPECT_TRUE(eventually([&] { return notes.stats().committed == 1; }));
  EXPECT_EQ(notes.stats().queued, 2U);  // what came after a large one keeps its order
  may_go = true;
  EXPECT_TRUE(eventually([&] { return notes.stats().committed == 3; }));
  may_go = false;
  asio::co_spawn(context, add(&notes, {1, 3}, &answers[3], {writer, 51}), asio::detached);
  EXPECT_TRUE(eventually([&] { return notes.stats().queued == 1; }));
  notes.stop();  // does not wait for it to be allowed
  EXPECT_EQ(notes.stats().committed, 4U);
  asio::post(context, [&] { context.stop(); });
  loop.join();
  EXPECT_EQ(stored(), 4);
  EXPECT_LT(answers[2].seq, answers[0].seq);
  EXPECT_LT(answers[0].seq, answers[1].seq);
}

TEST_F(BatcherTest, AFullQueueTakesItsPlaceFromWhoHasMost) {
  Notes notes(schema.options(), {.batch = 1, .queue = 5, .queue_bytes = 500}, gated(), nothing);
  asio::io_context context;
  std::vector<Answer> answers(8);
  const Uuid flooder = Uuid::v7(), other = Uuid::v7();
  asio::co_spawn(context, add(&notes, {0, 0}, &answers[0]), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(someone_waits());
  for (int i = 1; i <= 5; ++i) {
    asio::co_spawn(context, add(&notes, {1, i}, &answers[i], {flooder, 100}), asio::detached);
  }
  EXPECT_TRUE(eventually([&] { return notes.stats().queued == 5; }));
  asio::co_spawn(context, add(&notes, {2, 6}, &answers[6], {other, 10}), asio::detached);
  EXPECT_TRUE(eventually([&] { return notes.stats().refused == 1; }));
  // Who has most himself takes nobody's place.
  asio::co_spawn(context, add(&notes, {1, 7}, &answers[7], {flooder, 100}), asio::detached);
  EXPECT_TRUE(eventually([&] { return notes.stats().refused == 2; }));
  gate.open();
  loop.join();
  for (const int i : {1, 2, 3, 4, 6}) EXPECT_GT(answers[i].seq, 0) << i;
  EXPECT_EQ(answers[5].code, Code::overloaded);
  EXPECT_EQ(answers[7].code, Code::overloaded);
}

TEST_F(BatcherTest, NobodyGivesWayToWhatHasNoRoomAllTheSame) {
  Notes notes(schema.options(), {.batch = 1, .queue_bytes = 55}, gated(), nothing);
  asio::io_context context;
  std::vector<Answer> answers(8);
  asio::co_spawn(context, add(&notes, {0, 0}, &answers[0]), asio::detached);
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(someone_waits());
  const std::array<Uuid, 3> owners{Uuid::v7(), Uuid::v7(), Uuid::v7()};
  for (int i = 0; i < 6; ++i) {
    const std::size_t bytes = i < 3 ? 16 : 1;
    asio::co_spawn(context, add(&notes, {1, i + 1}, &answers[i + 1], {owners[i % 3], bytes}),
                   asio::detached);
  }
  EXPECT_TRUE(eventually([&] { return notes.stats().queued == 6; }));
  // Each has 17, so the last of each might go for 16: that leaves 48, and this one does not fit beside.
  asio::co_spawn(context, add(&notes, {2, 7}, &answers[7], {Uuid::v7(), 16}), asio::detached);
  EXPECT_TRUE(eventually([&] { return notes.stats().refused > 0; }));
  gate.open();
  loop.join();
  for (int i = 1; i <= 6; ++i) EXPECT_GT(answers[i].seq, 0) << i;
  EXPECT_EQ(answers[7].code, Code::overloaded);
}

TEST_F(BatcherTest, AnItemThatWaitedTooLongIsRefusedAndNotStored) {
  EXPECT_TRUE(at_any_pace(50ms, [&](auto timeout) {
    const auto before = stored();
    Gate closed(schema);
    Notes notes(schema.options(), {.batch = 1, .queue_timeout = timeout}, gated_by(closed),
                nothing);
    asio::io_context context;
    std::vector<Answer> answers(3);
    asio::co_spawn(context, add(&notes, {0, 0}, &answers[0]), asio::detached);
    std::thread loop([&] { context.run(); });
    // The first one has begun, or waited too long itself.
    EXPECT_TRUE(eventually([&] { return !closed.waiting().empty() || notes.stats().refused > 0; }));
    const bool in_time = notes.stats().refused == 0;
    asio::co_spawn(context, add(&notes, {0, 1}, &answers[1]), asio::detached);
    asio::co_spawn(context, add(&notes, {0, 2}, &answers[2]), asio::detached);
    const auto refused = [&] { return !in_time || notes.stats().refused == 2; };
    EXPECT_TRUE(eventually(refused));
    closed.open();
    loop.join();
    if (!in_time) return false;
    EXPECT_GT(answers[0].seq, 0);
    EXPECT_EQ(answers[1].code, Code::db_unavailable);
    EXPECT_EQ(answers[2].code, Code::db_unavailable);
    EXPECT_EQ(stored(), before + 1);
    return true;
  }));
}

TEST_F(BatcherTest, NothingIsAcknowledgedWithoutADatabase) {
  auto options = schema.options();
  options.url = "host=/nowhere user=stoa";
  std::atomic<int> published = 0;
  Notes notes(options, {}, store,
              [&](std::span<const Note>, std::span<const Result>) { ++published; });
  asio::io_context context;
  std::vector<Answer> answers(100);
  for (auto& answer : answers) {
    asio::co_spawn(context, add(&notes, {0, 1}, &answer), asio::detached);
  }
  context.run();
  for (const auto& answer : answers) EXPECT_EQ(answer.code, Code::db_unavailable);
  EXPECT_EQ(published, 0);
}

TEST_F(BatcherTest, ATerminatedBackendIsRetriedWholeAndOnce) {
  Notes notes(schema.options(), {}, gated(), nothing);
  asio::io_context context;
  std::vector<Answer> answers(30);
  for (int i = 0; i < 30; ++i) {
    asio::co_spawn(context, add(&notes, {0, i}, &answers[i]), asio::detached);
  }
  std::thread loop([&] { context.run(); });
  ASSERT_TRUE(someone_waits());
  db.run_blocking(
      [pid = gate.waiting().front()](Tx& tx) { tx.run("select pg_terminate_backend($1)", pid); });
  gate.open();
  loop.join();
  for (const auto& answer : answers) EXPECT_GT(answer.seq, 0);
  EXPECT_EQ(stored(), 30);
}

TEST_F(BatcherTest, StopCommitsWhatIsQueuedAndRefusesTheRest) {
  Notes notes(schema.options(), {.batch = 4}, gated(), nothing);
  asio::io_context context;
  std::vector<Answer> answers(20);
  for (int i = 0; i < 20; ++i) {
    asio::co_spawn(context, add(&notes, {0, i}, &answers[i]), asio::detached);
  }
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(eventually([&] { return notes.stats().queued == 16; }));
  std::thread stopper([&] { notes.stop(); });
  gate.open();
  stopper.join();
  loop.join();
  for (const auto& answer : answers) EXPECT_GT(answer.seq, 0);
  Answer late;
  context.restart();
  asio::co_spawn(context, add(&notes, {0, 0}, &late), asio::detached);
  context.run();
  EXPECT_EQ(late.code, Code::shutting_down);
}

TEST_F(BatcherTest, ItemsGatherUntilTheBatchIsFullOrTheEnd) {
  Notes notes(schema.options(), {.batch = 3, .queue_timeout = 10min, .gather = 10min}, store,
              nothing);
  asio::io_context context;
  std::vector<Answer> answers(5);
  for (int i = 0; i < 5; ++i) {
    asio::co_spawn(context, add(&notes, {0, i}, &answers[i]), asio::detached);
  }
  std::thread loop([&] { context.run(); });
  EXPECT_TRUE(eventually([&] { return notes.stats().committed == 3; }));
  EXPECT_EQ(notes.stats().commits, 1u);
  EXPECT_EQ(notes.stats().queued, 2u);
  notes.stop();
  loop.join();
  EXPECT_EQ(notes.stats().commits, 2u);
  for (const auto& answer : answers) EXPECT_GT(answer.seq, 0);
}

TEST_F(BatcherTest, AContextThatIsDestroyedLosesItsAnswersOnly) {
  Notes notes(schema.options(), {}, gated(), nothing);
  {
    asio::io_context context;
    std::vector<Answer> answers(20);
    for (int i = 0; i < 20; ++i) {
      asio::co_spawn(context, add(&notes, {0, i}, &answers[i]), asio::detached);
    }
    context.poll();
  }
  gate.open();
  notes.stop();
  EXPECT_EQ(stored(), 20);
}

Task<> write_on(Notes* notes, int writer, int count, std::atomic<int>* answered) {
  for (int i = 0; i < count; ++i) {
    co_await notes->add({writer, i});
    ++*answered;
  }
}

// A reading, not a promise: what the bench measures with care.
TEST_F(BatcherTest, Throughput) {
  Notes notes(schema.options(), {}, store, nothing);
  constexpr int kWriters = 1000, kEach = 40;
  std::atomic<int> answered = 0;
  asio::io_context context;
  const auto start = std::chrono::steady_clock::now();
  for (int w = 0; w < kWriters; ++w) {
    asio::co_spawn(context, write_on(&notes, w, kEach, &answered), asio::detached);
  }
  context.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(answered, kWriters * kEach);
  const auto stats = notes.stats();
  std::printf("%d items by %d writers: %.0f/s, %.1f a commit\n", answered.load(), kWriters,
              answered / took.count(),
              static_cast<double>(stats.committed) / static_cast<double>(stats.commits));
}

}  // namespace stoa::pg::test
