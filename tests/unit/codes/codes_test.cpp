// Codes in their table: how often they are made, found, guessed and spent.
#include "../postgres/support.hpp"

#include <stoa/codes/codes.hpp>
#include <stoa/postgres/migrator.hpp>

#include <gtest/gtest.h>

namespace stoa::codes {
namespace {

using namespace std::chrono_literals;

class CodesTest : public testing::Test {
 protected:
  CodesTest() { pg::migrate(db); }

  std::optional<Made> make(const Purpose& purpose, const Wanted& wanted) {
    return db.run_blocking(
        [&](pg::Tx& tx) { return codes.make(tx, purpose, wanted, {"192.0.2.1", "", ""}); });
  }
  template <class Answer>
  Answer run(const pg::Query<Answer>& query) {
    return db.run_blocking([&](pg::Tx& tx) { return tx.run(query); });
  }
  // As if the codes and sends so far had been made earlier.
  void age(const std::string& interval) {
    schema.script("update one_time_codes set expires_at = expires_at - interval '" + interval +
                  "'; update code_sends set at = at - interval '" + interval + "'");
  }

  pg::test::Schema schema;
  pg::Database db{schema.options(4)};
  config::Codes config;
  Codes codes{config, {}};
};

TEST_F(CodesTest, ALinkIsFoundOnceAndForAWhile) {
  const auto made = make(kResetPassword, {.target = "a@b.example", .data = "x"}).value();
  EXPECT_EQ(made.text.size(), 43u);
  const auto live = run(find_link(kResetPassword, made.text)).value();
  EXPECT_EQ(live.target, "a@b.example");
  EXPECT_EQ(live.data, "x");
  EXPECT_EQ(live.hash.find(made.text), std::string::npos);
  EXPECT_FALSE(run(find_link(kVerifyEmail, made.text)));
  EXPECT_FALSE(run(find_link(kResetPassword, live.hash)));
  EXPECT_EQ(run(spend(live.id)).value, 1);
  EXPECT_EQ(run(spend(live.id)).value, 0);
  EXPECT_FALSE(run(find_link(kResetPassword, made.text)));
  age("2 minutes");
  const auto next = make(kResetPassword, {.target = "a@b.example"}).value();
  age("10 minutes");
  EXPECT_FALSE(run(find_link(kResetPassword, next.text)));
  EXPECT_EQ(run(spend(next.id)).value, 0);
}

TEST_F(CodesTest, TheNextReplacesTheLast) {
  const auto first = make(kResetPassword, {.target = "a@b.example"}).value();
  const auto other = make(kResetPassword, {.target = "c@d.example"}).value();
  age("2 minutes");
  const auto second = make(kResetPassword, {.target = "a@b.example"}).value();
  EXPECT_FALSE(run(find_link(kResetPassword, first.text)));
  EXPECT_TRUE(run(find_link(kResetPassword, second.text)));
  EXPECT_TRUE(run(find_link(kResetPassword, other.text)));
}

TEST_F(CodesTest, ATargetHasAShareWhoeverAsks) {
  EXPECT_TRUE(make(kResetPassword, {.target = "a@b.example"}));
  EXPECT_FALSE(make(kResetPassword, {.target = "a@b.example"}));  // a moment ago
  EXPECT_FALSE(make(kVerifyEmail, {.target = "a@b.example"}));
  for (std::size_t i = 1; i < config.per_target; ++i) {
    age("2 minutes");
    EXPECT_TRUE(make(kResetPassword, {.target = "a@b.example"})) << i;
  }
  age("2 minutes");
  EXPECT_FALSE(make(kResetPassword, {.target = "a@b.example"}));
  EXPECT_TRUE(make(kResetPassword, {.target = "c@d.example"}));
  age("1 hour");
  EXPECT_TRUE(make(kResetPassword, {.target = "a@b.example"}));
}

TEST_F(CodesTest, TargetsThatBeginAlikeHaveAShareTogether) {
  for (std::size_t i = 0; i < config.per_prefix; ++i) {
    ASSERT_TRUE(make(kPhone, {.target = "+4917" + std::to_string(1000 + i), .prefix = "+4917"}));
  }
  EXPECT_FALSE(make(kPhone, {.target = "+49179999", .prefix = "+4917"}));
  EXPECT_TRUE(make(kPhone, {.target = "+43170000", .prefix = "+4317"}));
}

TEST_F(CodesTest, DigitsAreGuessedAFewTimes) {
  const auto made = make(kPhone, {.target = "+491701"}).value();
  EXPECT_EQ(made.text.size(), 6u);
  for (int i = 0; i < kPhone.attempts; ++i) {
    const auto live = run(attempt(kPhone, "+491701")).value();
    EXPECT_FALSE(codes.matches(live, "no"));
    EXPECT_TRUE(codes.matches(live, made.text));
  }
  EXPECT_FALSE(run(attempt(kPhone, "+491701")));
  EXPECT_FALSE(run(attempt(kPhone, "+491702")));
}

TEST_F(CodesTest, TheLastAttemptMayStillBeSpent) {
  const auto made = make(kPhone, {.target = "+491701"}).value();
  for (int i = 0; i < kPhone.attempts; ++i) EXPECT_TRUE(run(attempt(kPhone, "+491701")));
  EXPECT_EQ(run(spend(made.id)).value, 1);
}

TEST_F(CodesTest, WhatHasHadItsDayGoes) {
  make(kVerifyEmail, {.target = "a@b.example"});
  age("3 days");
  make(kVerifyEmail, {.target = "c@d.example"});
  for (const auto& chore : codes.chores()) {
    const auto tidy = [&](pg::Tx& tx) { return chore.tidy(tx, 100); };
    EXPECT_EQ(db.run_blocking(tidy), 1) << chore.name;
    EXPECT_EQ(db.run_blocking(tidy), 0) << chore.name;
  }
}

}  // namespace
}  // namespace stoa::codes
