#include "features/auth/session_cache.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::auth {
namespace {

using namespace std::chrono_literals;

SessionState state_of(UserId user) {
  return {user, Role::learner, false, false};
}

TEST(SessionCache, RemembersForItsTime) {
  SessionCache cache(100, 60s);
  const auto id = AuthSessionId::make();
  const auto user = UserId::make();
  const auto now = SessionCache::Clock::now();
  EXPECT_FALSE(cache.find(id, now));
  cache.keep(id, state_of(user), cache.mark(id), now);
  EXPECT_EQ(cache.find(id, now + 59s)->user, user);
  EXPECT_FALSE(cache.find(id, now + 60s));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(SessionCache, ARevocationWinsOverAReadThatBeganBefore) {
  SessionCache cache(100, 60s);
  const auto id = AuthSessionId::make();
  const auto mark = cache.mark(id);
  cache.revoke(id);
  cache.keep(id, state_of(UserId::make()), mark);
  EXPECT_TRUE(cache.find(id)->ended);
  cache.keep(id, state_of(UserId::make()), cache.mark(id));
  EXPECT_FALSE(cache.find(id)->ended);  // read after it: the database's word
}

TEST(SessionCache, IsBoundedAndKeepsWhatIsUsed) {
  SessionCache cache(160, 60s);
  const auto used = AuthSessionId::make();
  cache.keep(used, state_of(UserId::make()), cache.mark(used));
  for (int i = 0; i < 5000; ++i) {
    const auto id = AuthSessionId::make();
    cache.keep(id, state_of(UserId::make()), cache.mark(id));
    EXPECT_TRUE(cache.find(used));
  }
  EXPECT_LE(cache.size(), 160u);
  EXPECT_GT(cache.size(), 100u);
}

TEST(SessionCache, NoThreadSeesARevokedOneAlive) {
  SessionCache cache(1000, 60s);
  for (int round = 0; round < 200; ++round) {
    const auto id = AuthSessionId::make();
    std::atomic<bool> revoked{false};
    std::atomic<bool> database{true};  // alive
    std::vector<std::thread> readers;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 3; ++t) {
      readers.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          const bool after = revoked.load();
          auto state = cache.find(id);
          if (!state) {
            const auto mark = cache.mark(id);
            SessionState read = state_of({});
            read.ended = !database.load();
            cache.keep(id, read, mark);
            state = read;
          }
          if (after && !state->ended) ++wrong;
        }
      });
    }
    database = false;
    cache.revoke(id);
    revoked = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
  }
}

}  // namespace
}  // namespace stoa::auth
