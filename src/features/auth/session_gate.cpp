#include "features/auth/auth_store.hpp"
#include "features/auth/session_cache.hpp"
#include "features/auth/verified_tokens.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/auth/session_gate.hpp>
#include <stoa/core/error.hpp>
#include <stoa/postgres/loader.hpp>

namespace stoa::auth {
namespace {

// How often a sign-in's state is read because it may have ended meanwhile.
constexpr int kLooks = 5;

void require_standing(const SessionState& state, UserId user) {
  if (state.ended || state.user != user) throw Error(Code::invalid_token);
  if (state.suspended) throw Error(Code::suspended);
}

Caller let_in(const SessionState& state, UserId user, AuthSessionId session,
              std::optional<Timestamp> until, Client client) {
  require_standing(state, user);
  return {user, session, std::make_shared<const Client>(std::move(client)), until};
}

}  // namespace

struct SessionGate::Caches {
  Caches(pg::Database& db, const identity::AccessTokens& keys, const AuthConfig& options)
      : tokens(keys, options.session_cache),
        sessions(options.session_cache, options.session_cache_ttl),
        missing(db, &store::find_sessions) {}

  VerifiedTokens tokens;
  SessionCache sessions;
  // What is in no cache, such as that of many who come back at once.
  pg::Loader<AuthSessionId, store::FoundSession> missing;
};

SessionGate::SessionGate(pg::Database& db, const identity::AccessTokens& tokens,
                         const AuthConfig& options)
    : caches_(std::make_unique<Caches>(db, tokens, options)) {}

SessionGate::~SessionGate() = default;

std::optional<identity::AccessClaims> SessionGate::read_own(
    const std::string& token) const noexcept {
  try {
    return caches_->tokens.verify(token);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

Task<Caller> SessionGate::authenticate(std::string token, Client client) {
  if (const auto claims = read_own(token)) {
    auto state = caches_->sessions.find(claims->session);
    if (!state) state = co_await read_state(claims->session);
    co_return let_in(*state, claims->user, claims->session, claims->expires_at, std::move(client));
  }
  if (foreign_ == nullptr) throw Error(Code::invalid_token);
  Client who = client;
  const auto shown = co_await foreign_->judge(std::move(token), std::move(who));
  Caller caller = co_await admit(shown.user, shown.session, shown.until, std::move(client));
  co_return caller;
}

Task<std::optional<UserId>> SessionGate::find_foreign(std::string subject) {
  if (foreign_ == nullptr) co_return std::nullopt;
  const auto user = co_await foreign_->find_subject(std::move(subject));
  co_return user;
}

std::optional<Uuid> SessionGate::counted_for(const std::string& token) const noexcept {
  if (const auto claims = read_own(token)) return claims->session.uuid;
  const auto shown = foreign_ != nullptr ? foreign_->recall(token) : std::nullopt;
  return shown ? std::optional(shown->session.uuid) : std::nullopt;
}

bool SessionGate::is_costly(const std::string& token) const noexcept {
  return foreign_ != nullptr && !read_own(token) && foreign_->may_be(token);
}

Task<Role> SessionGate::role_of(Caller caller) {
  auto state = caches_->sessions.find(caller.session);
  if (!state) state = co_await read_state(caller.session);
  require_standing(*state, caller.user);
  co_return state->role;
}

Task<Caller> SessionGate::admit(UserId user, AuthSessionId session, std::optional<Timestamp> until,
                                Client client) {
  auto state = caches_->sessions.find(session);
  if (!state) state = co_await read_state(session);
  co_return let_in(*state, user, session, until, std::move(client));
}

Task<SessionState> SessionGate::read_state(AuthSessionId session) {
  SessionCache& sessions = caches_->sessions;
  for (int look = 0; look < kLooks; ++look) {
    const auto mark = sessions.mark(session);
    const auto found = co_await caches_->missing.load(session);
    SessionState read;
    read.ended = true;  // as one that is not there is
    if (found) read = {found->user, found->role, found->suspended, found->ended};
    // A sign-in that ended while we read closes no socket that opens after that.
    if (sessions.keep(session, read, mark)) co_return read;
  }
  throw Error(Code::overloaded);
}

void SessionGate::forget(std::span<const AuthSessionId> sessions) {
  for (const auto id : sessions) caches_->sessions.forget(id);
}

}  // namespace stoa::auth
