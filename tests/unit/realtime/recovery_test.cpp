// What was published since, and who may come back for it.
#include "realtime/recovery.hpp"

#include <gtest/gtest.h>

namespace stoa::realtime {
namespace {

using namespace std::chrono_literals;

constexpr TopicKind kKind{"room"};
const Topic kRoom{&kKind, Uuid{{1}}};
const Topic kOther{&kKind, Uuid{{2}}};
const UserId kAda{Uuid{{3}}};
const UserId kBen{Uuid{{4}}};
const auto kStart = PublicationLog::Clock::time_point() + 1h;

class Log : public ::testing::Test {
 protected:
  Log() { limits.recovery_window = 1min; }

  void publish(const Topic& topic, std::size_t bytes = 1, Duration at = 0ms) {
    auto batch = std::make_shared<std::vector<Publication>>();
    batch->push_back({topic, "event", std::string(bytes, 'x'), {}, {}, ++number});
    log.add(batch, kStart + at);
  }
  std::string since(std::uint64_t after, std::vector<Topic> topics) {
    const auto found = log.since(after, topics);
    if (!found) return "too late";
    std::string numbers;
    for (const auto& [batch, index] : *found)
      numbers += std::to_string((*batch)[index].number) + " ";
    return numbers;
  }

  config::SocketIo limits;
  PublicationLog log{limits};
  std::uint64_t number = 0;
};

TEST_F(Log, HasWhatCameAfterANumberOnSomeTopics) {
  log.begin(0);
  for (const Topic& topic : {kRoom, kOther, kRoom, kRoom}) publish(topic);
  EXPECT_EQ(since(0, {kRoom}), "1 3 4 ");
  EXPECT_EQ(since(1, {kRoom}), "3 4 ");
  EXPECT_EQ(since(3, {kRoom, kOther}), "4 ");
  EXPECT_EQ(since(4, {kRoom}), "");
  EXPECT_EQ(since(0, {}), "");
}

TEST_F(Log, KeepsNothingBeforeItBegins) {
  publish(kRoom);
  EXPECT_EQ(since(1, {kRoom}), "too late");
  log.begin(1);
  publish(kRoom);
  EXPECT_EQ(since(0, {kRoom}), "too late");
  EXPECT_EQ(since(1, {kRoom}), "2 ");
}

TEST_F(Log, ForgetsBeyondItsBytes) {
  limits.recovery_bytes = ByteSize{4096};
  log.begin(0);
  for (int i = 0; i < 100; ++i) publish(kRoom, 1000);
  EXPECT_EQ(since(90, {kRoom}), "too late");
  EXPECT_EQ(since(98, {kRoom}), "99 100 ");
}

TEST_F(Log, ForgetsAfterItsWindow) {
  log.begin(0);
  publish(kRoom);
  publish(kRoom, 1, 30s);
  publish(kRoom, 1, 61s);
  EXPECT_EQ(since(0, {kRoom}), "too late");
  EXPECT_EQ(since(1, {kRoom}), "2 3 ");
}

class Lost : public ::testing::Test {
 protected:
  Lost() { limits.recovery_window = 1min; }
  void put(const std::string& pid, Duration at = 0ms) {
    sessions.put(pid, {"sid of " + pid, kAda, {}, {kRoom}}, kStart + at);
  }
  std::string take(const std::string& pid, UserId user = kAda, Duration at = 0ms) {
    const auto found = sessions.take(pid, user, kStart + at);
    return found ? found->sid : "none";
  }

  config::SocketIo limits;
  LostSessions sessions{limits};
};

TEST_F(Lost, ServesOnce) {
  put("p");
  EXPECT_EQ(take("p"), "sid of p");
  EXPECT_EQ(take("p"), "none");
  EXPECT_EQ(take("never"), "none");
}

TEST_F(Lost, IsNotAnothersToTake) {
  put("p");
  EXPECT_EQ(take("p", kBen), "none");
  EXPECT_EQ(take("p"), "sid of p");
}

TEST_F(Lost, EndsWithTheWindow) {
  put("p");
  EXPECT_EQ(take("p", kAda, 61s), "none");
}

TEST_F(Lost, CountsFromTheLastLoss) {
  put("p");
  EXPECT_EQ(take("p", kAda, 40s), "sid of p");
  put("p", 41s);
  EXPECT_EQ(take("p", kAda, 90s), "sid of p");
}

TEST_F(Lost, AreBounded) {
  limits.recovery_sessions = 2;
  for (const auto* pid : {"a", "b", "c"}) put(pid);
  EXPECT_EQ(take("a"), "none");
  EXPECT_EQ(take("c"), "sid of c");
}

}  // namespace
}  // namespace stoa::realtime
