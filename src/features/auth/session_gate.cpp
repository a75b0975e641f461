#include "features/auth/auth_store.hpp"
#include "features/auth/session_cache.hpp"
#include "features/auth/verified_tokens.hpp"

#include <stoa/auth/session_gate.hpp>
#include <stoa/core/error.hpp>

namespace stoa::auth {

struct SessionGate::Caches {
  VerifiedTokens tokens;
  SessionCache sessions;
};

SessionGate::SessionGate(pg::Database& db, const identity::AccessTokens& tokens,
                         const config::Auth& options)
    : db_(db),
      caches_(new Caches{{tokens, options.session_cache},
                         {options.session_cache, options.session_cache_ttl}}) {}

SessionGate::~SessionGate() = default;

Task<Caller> SessionGate::authenticate(std::string token, Client client) {
  const auto claims = caches_->tokens.verify(token);
  SessionCache& sessions = caches_->sessions;
  auto state = sessions.find(claims.session);
  if (!state) {
    const auto mark = sessions.mark(claims.session);
    auto work = [id = claims.session](pg::Tx& tx) { return get_session_state(tx, id); };
    const SessionState read = co_await db_.read(std::move(work));
    sessions.keep(claims.session, read, mark);
    // A revocation that came while we read stands there now, and closes no socket that opens after it.
    state = sessions.find(claims.session).value_or(read);
  }
  if (state->ended || state->user != claims.user) throw Error(Code::invalid_token);
  if (state->suspended) throw Error(Code::suspended);
  co_return Caller{claims.user, claims.session, state->role, std::move(client), claims.expires_at};
}

void SessionGate::revoke(std::span<const AuthSessionId> sessions) {
  for (const auto id : sessions) caches_->sessions.revoke(id);
}

}  // namespace stoa::auth
