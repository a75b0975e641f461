#pragma once
// Signs sockets in: by an access token as SessionGate does, or by a one-time ticket, which a signed-in
// client gets from POST /api/auth/tickets for whatever has to stand in an address. A ticket is known by its
// form, says whose it is in a way that nobody else can forge, is good once and for auth.ticket_ttl, and only here: REST takes none. The connection that it opens is
// the token's that the ticket was made with: it ends when that one expires or its sign-in is revoked.
//
// Tickets are in the database, so that they are good on every node and only once on all of them together.
// Owned by the composition root, safe on any thread; authenticate() answers on the caller's executor.
#include <stoa/auth/session_gate.hpp>
#include <stoa/identity/user_marks.hpp>

#include <string_view>
#include <utility>

namespace stoa::auth {

class SocketGate final : public Authenticator {
 public:
  // `tickets`: the marks that are in them; `lifetime`: how long one is good. All of it outlives it.
  SocketGate(pg::Database& db, SessionGate& sessions, const identity::UserMarks& tickets,
             Duration lifetime)
      : db_(db), sessions_(sessions), tickets_(tickets), lifetime_(lifetime) {}

  // Of a ticket: spends it, whether or not its sign-in still stands. Throws as SessionGate does.
  Task<Caller> authenticate(std::string token, Client client) override;
  // Of a ticket that is over its time: nobody.
  std::optional<Uuid> counted_for(const std::string& token) const noexcept override;
  bool is_costly(const std::string& token) const noexcept override {
    return sessions_.is_costly(token);
  }
  Task<Role> role_of(Caller caller) override { return sessions_.role_of(std::move(caller)); }

 private:
  pg::Database& db_;
  SessionGate& sessions_;
  const identity::UserMarks& tickets_;
  const Duration lifetime_;
};

}  // namespace stoa::auth
