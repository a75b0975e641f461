#pragma once
// Decides whether an access token still stands for somebody: the token's signature and times, then whether
// its sign-in was ended or its account suspended or deleted, and which role the account has. That state comes from the
// database and is remembered for a bounded number of sign-ins and a bounded time (auth.session_cache_ttl), which is how
// late another process's revocation, or change of a role, is noticed; this process's own take effect at once.
//
// Owned by the composition root, safe on any thread; authenticate() answers on the caller's executor.
#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/foreign_tokens.hpp>
#include <stoa/core/authenticator.hpp>
#include <stoa/identity/access_tokens.hpp>
#include <stoa/postgres/database.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace stoa::auth {

struct SessionState;

class SessionGate final : public Authenticator {
 public:
  SessionGate(pg::Database& db, const identity::AccessTokens& tokens, const AuthConfig& options);
  ~SessionGate() override;

  Task<Caller> authenticate(std::string token, Client client) override;
  std::optional<Uuid> counted_for(const std::string& token) const noexcept override;
  bool is_costly(const std::string& token) const noexcept override;
  Task<Role> role_of(Caller caller) override;

  // Those are taken too from here on. Before the server runs.
  void take(ForeignTokens& tokens) { foreign_ = &tokens; }

  // For a caller that has shown by other means whose sign-in it is; good until then. Throws Error{invalid_token |
  // suspended | db_unavailable}.
  Task<Caller> admit(UserId user, AuthSessionId session, std::optional<Timestamp> until,
                     Client client);

  // As ForeignTokens::find_subject; nobody where no such tokens are taken.
  Task<std::optional<UserId>> find_foreign(std::string subject);

  // From now on the state of these sign-ins is what the database says, also for who is asking it at this moment. To be
  // called after a commit that has ended them, or may have, or has changed what their account may.
  void forget(std::span<const AuthSessionId> sessions);

 private:
  struct Caches;
  // Empty for what is no token of ours.
  std::optional<identity::AccessClaims> read_own(const std::string& token) const noexcept;
  // From the database, and remembers it. Throws Error{overloaded | db_unavailable}.
  Task<SessionState> read_state(AuthSessionId session);

  std::unique_ptr<Caches> caches_;
  ForeignTokens* foreign_ = nullptr;
};

}  // namespace stoa::auth
