// Who may come back for a session.
#include "realtime/recovery.hpp"

#include <gtest/gtest.h>

namespace stoa::realtime {
namespace {

using namespace std::chrono_literals;

constexpr TopicKind kKind{"room"};
const Topic kRoom{&kKind, Uuid{{1}}};
const UserId kAda{Uuid{{3}}};
const UserId kBen{Uuid{{4}}};
const auto kStart = LostSessions::Clock::time_point() + 1h;

class Lost : public ::testing::Test {
 protected:
  Lost() { limits.recovery_window = 1min; }
  void put(const std::string& pid, Duration at = 0ms) { put(pid, kAda, at); }
  void put(const std::string& pid, UserId user, Duration at = 0ms) {
    sessions.put(pid, {"sid of " + pid, user, {}, {kRoom}, {0}, returns, {}}, kStart + at);
  }
  std::string take(const std::string& pid, UserId user = kAda, Duration at = 0ms) {
    const auto found = sessions.take(pid, user, kStart + at);
    return found ? found->sid : "none";
  }

  config::SocketIo limits;
  const std::unique_ptr<Broker> broker = make_local_broker();
  LostSessions sessions{limits, 3, *broker};
  Returns returns;
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

TEST_F(Lost, ForgetWhatTheirUserWasPutOutOf) {
  put("p");
  put("ben", kBen);
  sessions.evict(kRoom, kAda);
  const auto hers = sessions.take("p", kAda, kStart);
  const auto his = sessions.take("ben", kBen, kStart);
  ASSERT_TRUE(hers && his);
  EXPECT_TRUE(hers->topics.empty() && hers->heard_after.empty());
  EXPECT_EQ(his->topics.size(), 1U);
}

TEST_F(Lost, AreBounded) {
  limits.recovery_sessions = 2;
  for (const auto* pid : {"a", "b", "c"}) put(pid);
  EXPECT_EQ(take("a"), "none");
  EXPECT_EQ(take("c"), "sid of c");
}

TEST_F(Lost, OfAUserTakeNoPlaceFromOthers) {
  limits.recovery_sessions = 4;
  put("ben", kBen);
  for (const auto* pid : {"a", "b", "c", "d"}) put(pid);
  EXPECT_EQ(take("a"), "none");
  EXPECT_EQ(take("d"), "sid of d");
  EXPECT_EQ(take("ben", kBen), "sid of ben");
}

TEST_F(Lost, ThatCameBackTakeNoPlace) {
  limits.recovery_sessions = 2;
  put("ben", kBen);
  for (int i = 0; i < 5; ++i) {
    put("a");
    EXPECT_EQ(take("a"), "sid of a");
  }
  EXPECT_EQ(take("ben", kBen), "sid of ben");
}

TEST_F(Lost, BeginAnewWhenTheyComeBackTooOften) {
  const auto return_at = [&](Duration at) {
    put("a", at);
    const auto found = sessions.take("a", kAda, kStart + at);
    if (found) returns = found->returns;
    return found.has_value();
  };
  for (int i = 0; i < Returns::kAtOnce; ++i) EXPECT_TRUE(return_at(1ms * i)) << i;
  EXPECT_FALSE(return_at(20ms));
  EXPECT_FALSE(return_at(900ms));
  EXPECT_TRUE(return_at(1100ms));
  EXPECT_FALSE(return_at(1200ms));
}

}  // namespace
}  // namespace stoa::realtime
