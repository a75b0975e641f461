#include "features/auth/socket_ticket.hpp"

#include <stoa/auth/socket_gate.hpp>
#include <stoa/core/error.hpp>

#include <utility>

namespace stoa::auth {

Task<Caller> SocketGate::authenticate(std::string token, Client client) {
  if (!is_socket_ticket(token)) {
    Caller caller = co_await sessions_.authenticate(std::move(token), std::move(client));
    co_return caller;
  }
  auto work = [ticket = std::move(token)](pg::Tx& tx) { return spend_socket_ticket(tx, ticket); };
  const auto holder = co_await db_.transaction(std::move(work));
  const bool lapsed = holder && holder->token_expires && *holder->token_expires <= now();
  if (!holder || lapsed) throw Error(Code::invalid_token);
  Caller caller = co_await sessions_.admit(holder->user, holder->session, holder->token_expires,
                                           std::move(client));
  co_return caller;
}

}  // namespace stoa::auth
