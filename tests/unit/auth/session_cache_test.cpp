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
  EXPECT_TRUE(cache.keep(id, state_of(user), cache.mark(id), now));
  EXPECT_EQ(cache.find(id, now + 59s)->user, user);
  EXPECT_FALSE(cache.find(id, now + 60s));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(SessionCache, WhatWasReadBeforeItWasForgottenIsNotKept) {
  SessionCache cache(100, 60s);
  const auto id = AuthSessionId::make();
  ASSERT_TRUE(cache.keep(id, state_of(UserId::make()), cache.mark(id)));
  const auto mark = cache.mark(id);
  cache.forget(id);
  EXPECT_FALSE(cache.find(id));
  EXPECT_FALSE(cache.keep(id, state_of(UserId::make()), mark));
  EXPECT_FALSE(cache.find(id));
  EXPECT_TRUE(cache.keep(id, state_of(UserId::make()), cache.mark(id)));
  EXPECT_TRUE(cache.find(id));
}

TEST(SessionCache, OneIsReadAgainForItselfAndNotForAnother) {
  SessionCache cache(100, 60s);
  auto id = AuthSessionId::make();
  const auto mark = cache.mark(id);
  auto other = id;
  other.uuid.bytes[14] ^= 1;
  cache.forget(other);
  EXPECT_TRUE(cache.keep(id, state_of(UserId::make()), mark));
}

TEST(SessionCache, IsBoundedAndKeepsWhatIsUsed) {
  SessionCache cache(160, 60s);
  const auto used = AuthSessionId::make();
  EXPECT_TRUE(cache.keep(used, state_of(UserId::make()), cache.mark(used)));
  for (int i = 0; i < 5000; ++i) {
    const auto id = AuthSessionId::make();
    EXPECT_TRUE(cache.keep(id, state_of(UserId::make()), cache.mark(id)));
    EXPECT_TRUE(cache.find(used));
  }
  EXPECT_LE(cache.size(), 160u);
  EXPECT_GT(cache.size(), 100u);
}

// As the gate reads: again, when something was forgotten meanwhile.
SessionState read_through(SessionCache& cache, AuthSessionId id, const std::atomic<bool>& ended) {
  for (;;) {
    if (const auto known = cache.find(id)) return *known;
    const auto mark = cache.mark(id);
    SessionState read = state_of({});
    read.ended = ended.load();
    if (cache.keep(id, read, mark)) return read;
  }
}

TEST(SessionCache, NoThreadSeesAnEndedOneAliveAfterItWasForgotten) {
  SessionCache cache(1000, 60s);
  for (int round = 0; round < 200; ++round) {
    const auto id = AuthSessionId::make();
    std::atomic<bool> forgotten{false};
    std::atomic<bool> ended{false};  // what the database says
    std::vector<std::thread> readers;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 3; ++t) {
      readers.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          const bool after = forgotten.load();
          if (!read_through(cache, id, ended).ended && after) ++wrong;
        }
      });
    }
    ended = true;
    cache.forget(id);
    forgotten = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
  }
}

}  // namespace
}  // namespace stoa::auth
