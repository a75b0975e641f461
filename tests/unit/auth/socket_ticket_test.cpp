// Whose a one-time ticket is, and for how long, before the database is asked.
#include "features/auth/socket_ticket.hpp"

#include "../postgres/support.hpp"

#include <stoa/auth/session_gate.hpp>
#include <stoa/auth/socket_gate.hpp>

#include <gtest/gtest.h>

namespace stoa::auth {
namespace {

using pg::test::error_of;
using namespace std::chrono_literals;

class SocketTicketTest : public testing::Test {
 protected:
  static AuthConfig with_key() {
    AuthConfig config;
    config.keys = {{"key", {std::string(32, 'k')}}};
    return config;
  }
  SocketTicketTest() {
    schema.script(
        "create table socket_tickets (hash text, user_id uuid, session_id uuid, token_expires_at "
        "timestamptz, expires_at timestamptz)");
  }
  std::string made(Duration ago) const { return make_socket_ticket(tickets, user, now() - ago); }
  // What comes of it, and how many transactions it took.
  std::pair<Code, std::uint64_t> shown(const std::string& ticket) {
    const auto before = db.stats().transactions;
    const Code code =
        error_of([&] { loop.await(gate.authenticate(std::string(ticket), Client())); });
    return {code, db.stats().transactions - before};
  }

  const UserId user = UserId::make();
  pg::test::Schema schema;
  pg::Database db{schema.options(1)};
  const AuthConfig config = with_key();
  const identity::AccessTokens tokens{token_options(config)};
  const identity::UserMarks tickets{token_options(config), identity::UserMarks::kOfTickets};
  SessionGate sessions{db, tokens, config};
  SocketGate gate{db, sessions, tickets, config.ticket_ttl};
  pg::test::Loop loop{db};
};

TEST_F(SocketTicketTest, CountsForItsUserForItsTimeAndALittleMore) {
  const auto ticket = make_socket_ticket(tickets, user);
  EXPECT_EQ(mark_of_ticket(ticket).size(), identity::UserMarks::kLength);
  const auto holder = [&](Duration later) {
    return holder_of_ticket(tickets, ticket, 60s, now() + later);
  };
  EXPECT_EQ(holder(0s), user);
  EXPECT_EQ(holder(65s), user) << "the clocks of two nodes may differ";
  EXPECT_EQ(holder(71s), std::nullopt);
  EXPECT_EQ(holder(24h * 365), std::nullopt);
}

TEST_F(SocketTicketTest, OneThatIsOverItsTimeIsNobodysAndCostsNoQuery) {
  EXPECT_EQ(gate.counted_for(made(0s)), user.uuid);
  EXPECT_EQ(shown(made(0s)), std::pair(Code(Code::invalid_token), std::uint64_t{1}));
  EXPECT_EQ(gate.counted_for(made(71s)), std::nullopt);
  EXPECT_EQ(shown(made(71s)), std::pair(Code(Code::invalid_token), std::uint64_t{0}));
}

TEST_F(SocketTicketTest, AMarkOfADeviceIsNone) {
  const identity::UserMarks devices{token_options(config), identity::UserMarks::kOfDevices};
  EXPECT_EQ(gate.counted_for("stk_" + devices.issue(user)), std::nullopt);
}

}  // namespace
}  // namespace stoa::auth
