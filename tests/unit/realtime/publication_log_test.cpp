// What was published since.
#include "realtime/publication_log.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::realtime {
namespace {

using namespace std::chrono_literals;

constexpr TopicKind kChannel{"room"};
const Topic kFirst{&kChannel, Uuid{{1}}};
const Topic kSecond{&kChannel, Uuid{{2}}};
const auto kNoon = PublicationLog::Clock::time_point() + 1h;

Batch batch_of(std::initializer_list<Topic> topics, std::size_t bytes = 1) {
  std::vector<Publication> all;
  for (const Topic& topic : topics)
    all.push_back({topic, "event", std::string(bytes, 'x'), {}, {}});
  return std::make_shared<const std::vector<Publication>>(std::move(all));
}

class Log : public ::testing::Test {
 protected:
  Log() { limits.recovery_window = 1min; }

  void publish(const Topic& topic, std::size_t bytes = 1, Duration at = 0ms) {
    log.add(batch_of({topic}, bytes), ++number, kNoon + at);
  }
  std::string since(std::uint64_t after, std::vector<Topic> topics) {
    const auto found = log.since(after, topics);
    EXPECT_EQ(found.has_value(), log.reaches(after));
    if (!found) return "too late";
    EXPECT_EQ(found->up_to, number);
    std::string numbers;
    for (const auto& one : found->publications) numbers += std::to_string(one.number) + " ";
    return numbers;
  }

  config::SocketIo limits;
  PublicationLog log{limits};
  std::uint64_t number = 0;
};

TEST_F(Log, HasWhatCameAfterANumberOnSomeTopics) {
  log.begin(0, kNoon);
  for (const Topic& topic : {kFirst, kSecond, kFirst, kFirst}) publish(topic);
  EXPECT_EQ(since(0, {kFirst}), "1 3 4 ");
  EXPECT_EQ(since(1, {kFirst}), "3 4 ");
  EXPECT_EQ(since(3, {kFirst, kSecond}), "4 ");
  EXPECT_EQ(since(4, {kFirst}), "");
  EXPECT_EQ(since(0, {}), "");
}

TEST_F(Log, BeginsAmidABatch) {
  log.begin(0, kNoon);
  log.add(batch_of({kFirst, kSecond, kFirst, kFirst}), 1, kNoon);
  number = 4;
  EXPECT_EQ(since(2, {kFirst}), "3 4 ");
}

TEST_F(Log, KnowsNoNumberThatWasNeverGiven) {
  log.begin(0, kNoon);
  publish(kFirst);
  EXPECT_EQ(since(2, {kFirst}), "too late");
}

TEST_F(Log, KeepsNothingBeforeItBegins) {
  publish(kFirst);
  EXPECT_EQ(since(1, {kFirst}), "too late");
  log.begin(1, kNoon);
  publish(kFirst);
  EXPECT_EQ(since(0, {kFirst}), "too late");
  EXPECT_EQ(since(1, {kFirst}), "2 ");
}

TEST_F(Log, ForgetsBeyondItsBytes) {
  limits.recovery_bytes = ByteSize{4096};
  log.begin(0, kNoon);
  for (int i = 0; i < 100; ++i) publish(kFirst, 1000);
  EXPECT_EQ(since(90, {kFirst}), "too late");
  EXPECT_EQ(since(98, {kFirst}), "99 100 ");
  publish(kFirst, 5000);
  EXPECT_EQ(since(100, {kFirst}), "too late");
  EXPECT_EQ(since(101, {kFirst}), "");
}

TEST_F(Log, KeepsNumbersAloneOfWhatNobodyComesBackTo) {
  static constexpr TopicKind kBoard{"board", false};
  const Topic board{&kBoard, Uuid{{3}}};
  log.begin(0, kNoon);
  publish(kFirst);
  for (int i = 0; i < 100; ++i) publish(board, limits.recovery_bytes.bytes / 10);
  EXPECT_EQ(since(0, {kFirst, board}), "1 ");
  EXPECT_TRUE(log.reaches(number));
}

TEST_F(Log, ForgetsAfterItsWindow) {
  log.begin(0, kNoon);
  publish(kFirst);
  publish(kFirst, 1, 30s);
  publish(kFirst, 1, 61s);
  EXPECT_EQ(since(0, {kFirst}), "too late");
  EXPECT_EQ(since(1, {kFirst}), "2 3 ");
}

TEST_F(Log, ForgetsAllWhenTold) {
  log.begin(0, kNoon);
  publish(kFirst);
  log.forget(++number, kNoon);
  EXPECT_EQ(since(1, {kFirst}), "too late");
  publish(kFirst);
  EXPECT_EQ(since(2, {kFirst}), "3 ");
}

// The publications on topic i are those whose number is i modulo 5. Looks again and again for what came since, and counts what
// it finds, and what of it is missing, double or of another topic.
struct Counts {
  int found = 0;
  int faults = 0;
};
Counts count_found(const PublicationLog& log, const std::atomic<std::uint64_t>& published,
                   const std::vector<Topic>& topics, std::size_t topic, std::uint64_t last,
                   std::atomic<std::size_t>& begun) {
  Counts counts;
  std::uint64_t seen = 0;
  for (bool is_first = true; seen < last; is_first = false) {
    const auto found = log.since(seen, std::span(&topics[topic], 1));
    if (is_first) ++begun;
    if (!found) {  // we were too slow
      seen = published.load();
      continue;
    }
    std::uint64_t expected = seen + 1;
    while (expected % topics.size() != topic) ++expected;
    for (const auto& one : found->publications) {
      ++counts.found;
      if (one.number != expected || (*one.batch)[one.index].topic != topics[topic]) {
        ++counts.faults;
      }
      expected = one.number + topics.size();
    }
    if (expected <= found->up_to || found->up_to < seen) ++counts.faults;
    seen = found->up_to;
  }
  return counts;
}

TEST_F(Log, ReadersMissNothingWhileOneWrites) {
  constexpr std::uint64_t kLast = 60'000;
  limits.recovery_bytes = ByteSize{200'000};  // so that much is forgotten
  std::vector<Topic> topics;
  for (std::uint8_t i = 0; i < 5; ++i) topics.push_back({&kChannel, Uuid{{i}}});
  log.begin(0, kNoon);
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::size_t> begun{0};
  std::vector<Counts> counts(3);
  std::vector<std::thread> readers;
  while (published < kLast) {
    const auto first = published.load() + 1;
    std::vector<Publication> some;
    for (auto n = first; n < first + 1 + first % 3 && n <= kLast; ++n) {
      some.push_back({topics[n % topics.size()], "event", "{}", {}, {}});
    }
    const auto size = some.size();
    log.add(std::make_shared<const std::vector<Publication>>(std::move(some)), first, kNoon);
    published += size;
    if (!readers.empty() || published < 100) continue;
    // They look for the first time while nothing is forgotten yet.
    for (std::size_t i = 0; i < counts.size(); ++i) {
      readers.emplace_back(
          [&, i] { counts[i] = count_found(log, published, topics, i, kLast, begun); });
    }
    while (begun < counts.size()) std::this_thread::yield();
  }
  for (auto& reader : readers) reader.join();
  for (const Counts& one : counts) {
    EXPECT_GT(one.found, 0);
    EXPECT_EQ(one.faults, 0);
  }
}

}  // namespace
}  // namespace stoa::realtime
