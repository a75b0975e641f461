// The statements of second factors read what is one person's, however many there are.
#include "../postgres/plans.hpp"
#include "features/second_factor/second_factor_store.hpp"

#include <stoa/postgres/migrator.hpp>
#include <stoa/users/accounts.hpp>

#include <string>

#include <gtest/gtest.h>

namespace stoa::second_factor {
namespace {

class StoreTest : public testing::Test {
 protected:
  StoreTest() { pg::migrate(db); }

  // So many people with second factors, those of twenty sealed with an old key.
  void fill(int people) {
    schema.script(
        "insert into users (id, email, full_name) select gen_random_uuid(),"
        " n || '@example.org', 'somebody' from generate_series(1, " +
        std::to_string(people) +
        ") n;"
        "insert into user_totp (user_id, sealed_secret, sealed_kid, confirmed_at)"
        " select id, 'sealed', 'new', now() from users;"
        "update user_totp set sealed_kid = 'old' where user_id in (select id from users limit 20);"
        "insert into recovery_codes select user_id, left(md5(user_id::text || n) ||"
        " md5(n::text), 43) from user_totp, generate_series(1, 2) n;"
        "analyze users; analyze user_totp; analyze recovery_codes");
  }

  pg::test::Schema schema;
  pg::Database db{schema.options(2)};
};

TEST_F(StoreTest, NoneWalksATable) {
  fill(100'000);
  const UserId user = UserId::make();
  schema.script("insert into users (id, full_name) values ('" + user.str() + "', 'somebody')");
  const Timestamp then = now();
  const std::string hash(43, 'x');
  const pg::Statement statements[] = {
      users::lock_account(user),
      users::lock_account("1@example.org"),
      store::has_factor(user),
      store::find_factor(user),
      store::get_standing(user),
      store::begin_attempt(user, 10, std::chrono::hours(1)),
      store::find_wait(user),
      store::enrol(user, "sealed", "new"),
      store::confirm(user, then, 1),
      store::accept_step(user, then, 1, "sealed", "new"),
      store::accept_recovery(user, then),
      store::remove(user),
      store::remove_codes(user),
      store::spend_code(user, hash),
      store::count_codes(user),
      store::list_sealed_with("old", 500),
      store::list_keys(),
      store::set_sealed(user, "sealed", "new"),
      store::export_factor(user),
  };
  for (const auto& statement : statements) {
    pg::test::expect_few_pages(schema, std::string(std::string_view(statement.sql)), statement);
  }
}

TEST_F(StoreTest, KeysAreListedOnceEach) {
  fill(100);
  const auto keys = [&] {
    return db.run_blocking([](pg::Tx& tx) { return tx.run(store::list_keys()); });
  };
  EXPECT_EQ(keys(), (std::vector<std::string>{"new", "old"}));
  schema.script("update user_totp set confirmed_at = null where sealed_kid = 'old'");
  EXPECT_EQ(keys(), std::vector<std::string>{"new"});
  schema.script("delete from user_totp");
  EXPECT_TRUE(keys().empty());
}

TEST_F(StoreTest, WhatAKeyHasSealedComesInSlices) {
  fill(100);
  const auto found = [&](int most) {
    return db.run_blocking(
        [&](pg::Tx& tx) { return tx.run(store::list_sealed_with("old", most)).size(); });
  };
  EXPECT_EQ(found(8), 8u);
  EXPECT_EQ(found(500), 20u);
}

}  // namespace
}  // namespace stoa::second_factor
