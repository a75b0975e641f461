// Codes in their table: how often they are made, found, guessed and spent.
#include "../postgres/plans.hpp"
#include "infra/codes/codes_store.hpp"

#include <stoa/codes/codes.hpp>
#include <stoa/core/error.hpp>
#include <stoa/postgres/migrator.hpp>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::codes {
namespace {

using namespace std::chrono_literals;

class CodesTest : public testing::Test {
 protected:
  CodesTest() { pg::migrate(db); }

  std::optional<Made> make(const Purpose& purpose, const Wanted& wanted) {
    return db.run_blocking(
        [&](pg::Tx& tx) { return codes.make(tx, purpose, wanted, "192.0.2.1"); });
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
  Codes codes{config};
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

TEST_F(CodesTest, CountsWhoGetsItAndNotWhatItIsFor) {
  const auto change = [&](const char* target, const char* to) {
    return make(kChangeEmail, {.target = target, .to = to, .data = to});
  };
  const auto first = change("1", "a@b.example").value();
  EXPECT_FALSE(change("2", "a@b.example"));
  const auto second = change("1", "c@d.example").value();
  EXPECT_FALSE(run(find_link(kChangeEmail, first.text)));
  EXPECT_EQ(run(find_link(kChangeEmail, second.text)).value().data, "c@d.example");
}

TEST_F(CodesTest, WhatIsSentWithoutACodeCountsToo) {
  const auto take = [&](const char* to) {
    return db.run_blocking([&](pg::Tx& tx) { return codes.take_share(tx, to); });
  };
  EXPECT_TRUE(take("a@b.example"));
  EXPECT_FALSE(take("a@b.example"));
  EXPECT_FALSE(make(kResetPassword, {.target = "a@b.example"}));
  EXPECT_TRUE(take("c@d.example"));
}

TEST_F(CodesTest, WhatOnePersonCausesHasABoundWhoeverGetsIt) {
  const auto count = [&](UserId user) {
    db.run_blocking([&](pg::Tx& tx) { codes.count_for(tx, user); });
  };
  const UserId user = UserId::make();
  for (std::size_t i = 0; i < config.per_target; ++i) count(user);
  age("20 minutes");
  try {
    count(user);
    FAIL() << "one too many was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::rate_limited);
    EXPECT_GT(error.retry_after().value(), 30min);
    EXPECT_LE(error.retry_after().value(), 40min);
  }
  count(UserId::make());
  age("41 minutes");
  count(user);
}

TEST_F(CodesTest, AnOperatorHasNoShare) {
  const auto first = make(kResetPassword, {.target = "a@b.example"}).value();
  const auto second = db.run_blocking([&](pg::Tx& tx) {
    return codes.make_anyway(tx, kResetPassword, {.target = "a@b.example"}, "");
  });
  EXPECT_FALSE(run(find_link(kResetPassword, first.text)));
  EXPECT_TRUE(run(find_link(kResetPassword, second.text)));
}

TEST_F(CodesTest, NoneOfAUserIsGoodOnceAllAreEnded) {
  const UserId user = UserId::make(), other = UserId::make();
  for (const auto& [id, name] : {std::pair(user, "u"), std::pair(other, "o")}) {
    schema.script("insert into users (id, full_name) values ('" + id.str() + "', '" + name + "')");
  }
  const auto reset = make(kResetPassword, {.target = "a@b.example", .user = user}).value();
  const auto change = make(kChangeEmail, {.target = "1", .user = user}).value();
  const auto others = make(kResetPassword, {.target = "c@d.example", .user = other}).value();
  const auto verify = make(kVerifyEmail, {.target = "e@f.example", .user = user}).value();
  EXPECT_EQ(run(end(kVerifyEmail, user)).value, 1);
  EXPECT_FALSE(run(find_link(kVerifyEmail, verify.text)));
  EXPECT_EQ(run(end_all(user)).value, 2);
  EXPECT_FALSE(run(find_link(kResetPassword, reset.text)));
  EXPECT_FALSE(run(find_link(kChangeEmail, change.text)));
  EXPECT_TRUE(run(find_link(kResetPassword, others.text)));
}

// Whatever the values are: connections of single statements have one plan.
TEST_F(CodesTest, EachStatementIsAnsweredFromAnIndexAmongManyRows) {
  schema.script(
      "insert into one_time_codes (id, purpose, target, code_hash, most_attempts, expires_at)"
      " select gen_random_uuid(), 'reset_password', i::text, lpad(i::text, 43, '0'), 0,"
      "  now() + make_interval(secs => i) from generate_series(1, 100000) i;"
      "insert into code_sends (target, at)"
      " select (i % 50000)::text, now() - make_interval(secs => i)"
      " from generate_series(1, 100000) i;"
      "analyze one_time_codes; analyze code_sends");
  const std::vector<pg::Statement> statements = {
      find_link(kResetPassword, "token"),
      attempt(kLogin, "7"),
      spend(CodeId::make()),
      end_all(UserId::make()),
      end(kChangeEmail, UserId::make()),
      store::sent_to("7", 3600, 60),
      store::delete_ended(100),
      store::delete_old_sends(3600, 100),
  };
  for (const auto& statement : statements) {
    pg::test::expect_few_pages(schema, std::string(std::string_view(statement.sql)), statement);
  }
}

TEST_F(CodesTest, WhatCanBeGuessedIsAttemptedAFewTimes) {
  ASSERT_TRUE(make(kLogin, {.target = "1"}));
  for (int i = 0; i < kLogin.attempts; ++i) EXPECT_TRUE(run(attempt(kLogin, "1")));
  EXPECT_FALSE(run(attempt(kLogin, "1")));
  EXPECT_FALSE(run(attempt(kLogin, "2")));
}

TEST_F(CodesTest, WhoAskedForItHasAttemptsThatOthersDoNotUseUp) {
  ASSERT_TRUE(make(kPhone, {.target = "1", .asker_hash = std::string(43, 'a')}));
  for (int i = 0; i < kPhone.unproven; ++i) EXPECT_TRUE(run(attempt(kPhone, "1")));
  EXPECT_FALSE(run(attempt(kPhone, "1")));
  EXPECT_FALSE(run(attempt(kPhone, "1", std::string(43, 'b'))));
  for (int i = kPhone.unproven; i < kPhone.attempts; ++i) {
    EXPECT_TRUE(run(attempt(kPhone, "1", std::string(43, 'a'))));
  }
  EXPECT_FALSE(run(attempt(kPhone, "1", std::string(43, 'a'))));
}

TEST_F(CodesTest, WhatNobodyAskedForWithATokenHasAllItsAttempts) {
  ASSERT_TRUE(make(kPhone, {.target = "1"}));
  for (int i = 0; i < kPhone.attempts; ++i) EXPECT_TRUE(run(attempt(kPhone, "1")));
  EXPECT_FALSE(run(attempt(kPhone, "1")));
}

TEST_F(CodesTest, TheLastAttemptMayStillBeSpent) {
  const auto made = make(kLogin, {.target = "1"}).value();
  for (int i = 0; i < kLogin.attempts; ++i) EXPECT_TRUE(run(attempt(kLogin, "1")));
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
