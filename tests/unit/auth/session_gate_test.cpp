// What a caller's account may is what the database says by now, and how late that is noticed.
#include "../postgres/support.hpp"

#include <stoa/auth/session_gate.hpp>

#include <array>

#include <gtest/gtest.h>

namespace stoa::auth {
namespace {

using pg::test::error_of;

class SessionGateTest : public testing::Test {
 protected:
  SessionGateTest() {
    schema.script(
        "create table users (id uuid, role text, suspended_at timestamptz, deleted_at timestamptz);"
        "create table auth_sessions (id uuid, user_id uuid, revoked_at timestamptz, expires_at "
        "timestamptz)");
    schema.script("insert into users values ('" + caller.user.str() + "', 'learner')");
    schema.script("insert into auth_sessions values ('" + caller.session.str() + "', '" +
                  caller.user.str() + "', null, now() + interval '1 day')");
  }
  // `remembered`: for how long what was read is known.
  void start(Duration remembered) {
    config.session_cache_ttl = remembered;
    gate.emplace(db, tokens, config);
    loop.emplace(db);
  }
  Role role() { return loop->await(gate->role_of(caller)); }
  void set_role(const std::string& role) {
    schema.script("update users set role = '" + role + "'");
  }

  const Caller caller{UserId::make(), AuthSessionId::make(), std::make_shared<const Client>()};
  pg::test::Schema schema;
  pg::Database db{schema.options(1)};
  AuthConfig config;
  const identity::AccessTokens tokens{token_options(config)};
  std::optional<SessionGate> gate;
  std::optional<pg::test::Loop> loop;
};

TEST_F(SessionGateTest, ARoleIsGivenAndTakenWhileASignInLasts) {
  start(0ms);
  EXPECT_EQ(role(), Role::learner);
  set_role("admin");
  EXPECT_EQ(role(), Role::admin);
  set_role("mentor");
  EXPECT_EQ(role(), Role::mentor);
}

TEST_F(SessionGateTest, ARoleIsAsOldAsTheStateOfTheSignInMayBe) {
  start(10min);
  EXPECT_EQ(role(), Role::learner);
  set_role("admin");
  EXPECT_EQ(role(), Role::learner);
  gate->forget(std::array{caller.session});
  EXPECT_EQ(role(), Role::admin);
}

TEST_F(SessionGateTest, ASignInThatHasEndedHasNoRole) {
  start(0ms);
  set_role("admin");
  schema.script("update users set suspended_at = now()");
  EXPECT_EQ(error_of([this] { role(); }), Code::suspended);
  schema.script("update auth_sessions set revoked_at = now()");
  EXPECT_EQ(error_of([this] { role(); }), Code::invalid_token);
}

}  // namespace
}  // namespace stoa::auth
