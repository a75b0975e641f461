#pragma once
// Decides whether an access token still stands for somebody: the token's signature and times, then whether
// its sign-in was ended or its account suspended or deleted. That state comes from the database and is
// remembered for a bounded number of sign-ins and a bounded time, which is how late another process's
// revocation is noticed; this process's own take effect at once.
//
// Owned by the composition root, safe on any thread; authenticate() answers on the caller's executor.
#include <stoa/auth/auth_config.hpp>
#include <stoa/core/authenticator.hpp>
#include <stoa/identity/access_tokens.hpp>
#include <stoa/postgres/database.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace stoa::auth {

class SessionGate final : public Authenticator {
 public:
  SessionGate(pg::Database& db, const identity::AccessTokens& tokens, const AuthConfig& options);
  ~SessionGate() override;

  // The role is the account's present one, not the token's.
  Task<Caller> authenticate(std::string token, Client client) override;

  // For a caller that has shown by other means whose sign-in it is; good until then. Throws Error{invalid_token |
  // suspended | db_unavailable}.
  Task<Caller> admit(UserId user, AuthSessionId session, std::optional<Timestamp> until,
                     Client client);

  // From now on the state of these sign-ins is what the database says, also for who is asking it at this moment. To be
  // called after a commit that has ended them, or may have.
  void forget(std::span<const AuthSessionId> sessions);

 private:
  struct Caches;
  pg::Database& db_;
  std::unique_ptr<Caches> caches_;
};

}  // namespace stoa::auth
