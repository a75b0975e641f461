#pragma once
// One-time tickets: "stk_" and a mark that says whose it is, so that what was never made is refused without the database. Pure functions over a transaction.
#include <stoa/core/caller.hpp>
#include <stoa/core/config.hpp>
#include <stoa/identity/device_tokens.hpp>
#include <stoa/postgres/tx.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::auth {

std::string make_socket_ticket(const identity::DeviceTokens& marks, UserId user);
// Empty for what is no ticket by its form.
std::string_view mark_of_ticket(std::string_view text) noexcept;

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
