#include "features/auth/auth_store.hpp"
#include "features/auth/session_cache.hpp"
#include "features/auth/verified_tokens.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/session_gate.hpp>
#include <stoa/core/error.hpp>

namespace stoa::auth {
namespace {

// How often a sign-in's state is read because it may have ended meanwhile.
constexpr int kLooks = 5;

}  // namespace

struct SessionGate::Caches {
  VerifiedTokens tokens;
  SessionCache sessions;
};

SessionGate::SessionGate(pg::Database& db, const identity::AccessTokens& tokens,
                         const AuthConfig& options)
    : db_(db),
      caches_(new Caches{{tokens, options.session_cache},
                         {options.session_cache, options.session_cache_ttl}}) {}

SessionGate::~SessionGate() = default;

Task<Caller> SessionGate::authenticate(std::string token, Client client) {
  const auto claims = caches_->tokens.verify(token);
  Caller caller = co_await admit(claims.user, claims.session, claims.expires_at, std::move(client));
  co_return caller;
}

Task<Caller> SessionGate::admit(UserId user, AuthSessionId session, std::optional<Timestamp> until,
                                Client client) {
  SessionCache& sessions = caches_->sessions;
  auto state = sessions.find(session);
  for (int look = 0; !state; ++look) {
    if (look == kLooks) throw Error(Code::overloaded);
    const auto mark = sessions.mark(session);
    const auto found = co_await db_.run(store::find_session_state(session));
    SessionState read;
    read.ended = true;  // as one that is not there is
    if (found) read = *found;
    // A sign-in that ended while we read closes no socket that opens after that.
    if (sessions.keep(session, read, mark)) state = read;
  }
  if (state->ended || state->user != user) throw Error(Code::invalid_token);
  if (state->suspended) throw Error(Code::suspended);
  co_return Caller{user, session, state->role, std::make_shared<const Client>(std::move(client)),
                   until};
}

void SessionGate::forget(std::span<const AuthSessionId> sessions) {
  for (const auto id : sessions) caches_->sessions.forget(id);
}

}  // namespace stoa::auth
