#pragma once
// One-time tickets: "stk_" and a mark that says whose it is and when it was made, so that what was never made, or is over its time, is refused without the database. Pure functions over a transaction.
#include <stoa/core/caller.hpp>
#include <stoa/core/config.hpp>
#include <stoa/identity/user_marks.hpp>
#include <stoa/postgres/tx.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::auth {

std::string make_socket_ticket(const identity::UserMarks& marks, UserId user,
                               Timestamp when = now());
// Empty for what is no ticket by its form.
std::string_view mark_of_ticket(std::string_view text) noexcept;
// Whose it is, spent or not. Empty for what was never made, and for what was made longer ago than it is good for.
std::optional<UserId> holder_of_ticket(const identity::UserMarks& marks, std::string_view ticket,
                                       Duration lifetime, Timestamp when = now());

// Keeps the ticket's hash and answers when it expires. The person's tickets beyond the `most` newest go,
// and so do some of anybody's that have expired, so that the table stays as small as a minute's tickets.
Timestamp keep_socket_ticket(pg::Tx& tx, std::string_view ticket, const Caller& caller,
                             Duration lifetime, std::size_t most);

// What a ticket stands for.
struct TicketHolder {
  UserId user;
  AuthSessionId session;
  std::optional<Timestamp> token_expires;
};
BOOST_DESCRIBE_STRUCT(TicketHolder, (), (user, session, token_expires))

// Takes the ticket out; empty when it is unknown, used or expired. Of several at once only one gets it.
std::optional<TicketHolder> spend_socket_ticket(pg::Tx& tx, std::string_view ticket);

}  // namespace stoa::auth
