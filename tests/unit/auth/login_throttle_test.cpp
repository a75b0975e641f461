#include "features/auth/login_throttle.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/core/error.hpp>

#include <gtest/gtest.h>

namespace stoa::auth {
namespace {

using namespace std::chrono_literals;

class Throttle : public testing::Test {
 protected:
  static AuthConfig options() {
    AuthConfig auth;
    auth.login_attempts = 3;
    auth.login_wait = 8s;
    auth.login_tracked = 2;
    return auth;
  }
  // Seconds to wait; 0 when the attempt may go on.
  std::int64_t attempt(const char* account, std::chrono::milliseconds after = 0ms) {
    now_ += after;
    try {
      throttle_.begin(account, now_);
      return 0;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::rate_limited);
      return error.retry_after().value().count();
    }
  }

  LoginThrottle throttle_{options()};
  LoginThrottle::Clock::time_point now_ = LoginThrottle::Clock::now();
};

TEST_F(Throttle, SlowsDownAfterTheFreeAttempts) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(attempt("a"), 0) << i;
  EXPECT_EQ(attempt("a"), 1);
  EXPECT_EQ(attempt("b"), 0);
  EXPECT_EQ(attempt("a", 1s), 0);
  EXPECT_EQ(attempt("a", 500ms), 2);  // 1.5 s are left
  EXPECT_EQ(attempt("a", 1500ms), 0);
  EXPECT_EQ(attempt("a"), 4);
  EXPECT_EQ(attempt("a", 4s), 0);
  EXPECT_EQ(attempt("a"), 8);
  EXPECT_EQ(attempt("a", 8s), 0);
  EXPECT_EQ(attempt("a"), 8);  // no more than configured
}

TEST_F(Throttle, AnAttemptWithTwoPasswordsCountsAsTwo) {
  throttle_.begin("a", now_, 2);
  throttle_.begin("a", now_, 2);
  EXPECT_EQ(attempt("a"), 2);
}

TEST_F(Throttle, ASuccessOrALongPauseStartsAfresh) {
  for (int i = 0; i < 3; ++i) attempt("a");
  throttle_.succeed("a");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(attempt("a"), 0) << i;
  EXPECT_EQ(attempt("a"), 1);
  EXPECT_EQ(attempt("a", 121s), 0);
  EXPECT_EQ(attempt("a"), 0);
  throttle_.succeed("unknown");
}

TEST_F(Throttle, ManyAtOnceCountFromTheirBeginning) {
  int through = 0;
  for (int i = 0; i < 200; ++i) through += attempt("a") == 0 ? 1 : 0;
  EXPECT_EQ(through, 3);
}

TEST_F(Throttle, ForgetsTheOneTriedLeastRecently) {
  for (int i = 0; i < 3; ++i) attempt("a");
  attempt("b");
  EXPECT_NE(attempt("a"), 0);
  attempt("c");  // b gives way
  EXPECT_NE(attempt("a"), 0);
  attempt("d");
  attempt("e");
  EXPECT_EQ(attempt("a"), 0);
}

}  // namespace
}  // namespace stoa::auth
