#include "features/auth/socket_ticket.hpp"

#include <stoa/identity/opaque_token.hpp>

#include <chrono>

namespace stoa::auth {
namespace {

constexpr std::string_view kPrefix = "stk_";
// By how much the clock of the node that made one may be ahead of another's or behind it.
constexpr std::chrono::seconds kSkew{10};
constexpr std::size_t kSweptAtOnce = 100;

struct Spent {
  UserId user;
  AuthSessionId session;
  std::optional<Timestamp> token_expires;
  bool in_time = false;
};
BOOST_DESCRIBE_STRUCT(Spent, (), (user, session, token_expires, in_time))

}  // namespace

std::string make_socket_ticket(const identity::UserMarks& marks, UserId user, Timestamp when) {
  return std::string(kPrefix) + marks.issue(user, when);
}

std::string_view mark_of_ticket(std::string_view text) noexcept {
  const bool is_ticket =
      text.size() == kPrefix.size() + identity::UserMarks::kLength && text.starts_with(kPrefix);
  return is_ticket ? text.substr(kPrefix.size()) : std::string_view();
}

std::optional<UserId> holder_of_ticket(const identity::UserMarks& marks, std::string_view ticket,
                                       Duration lifetime, Timestamp when) {
  const auto made = marks.verify(mark_of_ticket(ticket));
  if (!made || when > made->made_at + lifetime + kSkew) return std::nullopt;
  return made->user;
}

Timestamp keep_socket_ticket(pg::Tx& tx, std::string_view ticket, const Caller& caller,
                             Duration lifetime, std::size_t most) {
  tx.run(
      "delete from socket_tickets where hash in (select hash from socket_tickets "
      "where expires_at <= now() limit $1 for update skip locked)",
      kSweptAtOnce);
  tx.run(
      "delete from socket_tickets where hash in (select hash from socket_tickets where user_id = "
      "$1 "
      "order by expires_at desc, hash offset $2)",
      caller.user, most - 1);
  return tx.get<Timestamp>(
      "insert into socket_tickets (hash, user_id, session_id, token_expires_at, expires_at) "
      "values ($1, $2, $3, $4, now() + make_interval(secs => $5)) returning expires_at",
      identity::hash_opaque_token(ticket), caller.user, caller.session, caller.token_expires,
      std::chrono::duration<double>(lifetime).count());
}

std::optional<TicketHolder> spend_socket_ticket(pg::Tx& tx, std::string_view ticket) {
  const auto spent = tx.find<Spent>(
      "delete from socket_tickets where hash = $1 "
      "returning user_id, session_id, token_expires_at, expires_at > now()",
      identity::hash_opaque_token(ticket));
  if (!spent || !spent->in_time) return std::nullopt;
  return TicketHolder{spent->user, spent->session, spent->token_expires};
}

}  // namespace stoa::auth
