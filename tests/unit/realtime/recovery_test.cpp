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
  void put(const std::string& pid, Duration at = 0ms) {
    sessions.put(pid, {"sid of " + pid, kAda, {}, {kRoom}, {}}, kStart + at);
  }
  std::string take(const std::string& pid, UserId user = kAda, Duration at = 0ms) {
    const auto found = sessions.take(pid, user, kStart + at);
    return found ? found->sid : "none";
  }

  config::SocketIo limits;
  const std::unique_ptr<Broker> broker = make_local_broker();
  LostSessions sessions{limits, *broker};
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
