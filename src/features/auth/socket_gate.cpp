#include "features/auth/socket_ticket.hpp"

#include <stoa/auth/socket_gate.hpp>
#include <stoa/core/error.hpp>

#include <utility>

namespace stoa::auth {

Task<Caller> SocketGate::authenticate(std::string token, Client client) {
  if (mark_of_ticket(token).empty()) {
    Caller caller = co_await sessions_.authenticate(std::move(token), std::move(client));
    co_return caller;
  }
  if (!counted_for(token)) throw Error(Code::invalid_token);
  auto work = [ticket = std::move(token)](pg::Tx& tx) { return spend_socket_ticket(tx, ticket); };
  const auto holder = co_await db_.transaction(std::move(work));
  const bool lapsed = holder && holder->token_expires && *holder->token_expires <= now();
  if (!holder || lapsed) throw Error(Code::invalid_token);
  Caller caller = co_await sessions_.admit(holder->user, holder->session, holder->token_expires,
                                           std::move(client));
  co_return caller;
}

std::optional<Uuid> SocketGate::counted_for(const std::string& token) const noexcept {
  if (mark_of_ticket(token).empty()) return sessions_.counted_for(token);
  const auto holder = holder_of_ticket(tickets_, token, lifetime_);
  return holder ? std::optional(holder->uuid) : std::nullopt;
}

}  // namespace stoa::auth
