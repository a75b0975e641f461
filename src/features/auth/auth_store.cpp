#include "features/auth/auth_store.hpp"

namespace stoa::auth {
namespace {

struct StateRow {
  UserId user;
  Role role = Role::learner;
  bool suspended = false;
  bool ended = false;
};
BOOST_DESCRIBE_STRUCT(StateRow, (), (user, role, suspended, ended))

}  // namespace

bool has_email(pg::Tx& tx, const std::string& email) {
  return tx.get<bool>("select exists (select from users where email = $1)", email);
}

std::optional<Credentials> find_credentials(pg::Tx& tx, const std::string& email) {
  return tx.find<Credentials>(
      "select id, password_hash, suspended_at is not null from users "
      "where email = $1 and deleted_at is null",
      email);
}

std::optional<Credentials> find_credentials(pg::Tx& tx, UserId user) {
  return tx.find<Credentials>(
      "select id, password_hash, suspended_at is not null from users "
      "where id = $1 and deleted_at is null",
      user);
}

bool still_has_password(pg::Tx& tx, UserId user, const std::string& password_hash) {
  return tx
      .find<UserId>(
          "select id from users where id = $1 and password_hash = $2 "
          "and suspended_at is null and deleted_at is null for update",
          user, password_hash)
      .has_value();
}

void set_password(pg::Tx& tx, UserId user, const std::string& password_hash) {
  tx.run("update users set password_hash = $2, updated_at = now() where id = $1", user,
         password_hash);
}

void create_session(pg::Tx& tx, UserId user, const NewSession& session) {
  std::optional<std::string> family, hash;
  if (session.token) {
    family = session.token->family_hash();
    hash = session.token->hash();
  }
  tx.run(
      "insert into auth_sessions (id, user_id, family_hash, refresh_hash, device, ip, expires_at) "
      "values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))",
      session.id, user, family, hash, session.device, session.ip, session.lifetime.count());
}

std::optional<StoredSession> find_session_of(pg::Tx& tx, const RefreshToken& token) {
  return tx.find<StoredSession>(
      "select s.id, s.user_id, s.refresh_hash, s.previous_hash, s.successor, "
      "coalesce(s.rotated_at > now() - make_interval(secs => $2), false), s.device, "
      "s.revoked_at is not null or s.expires_at <= now() or u.deleted_at is not null, "
      "u.suspended_at is not null "
      "from auth_sessions s join users u on u.id = s.user_id where s.family_hash = $1 for update "
      "of s",
      token.family_hash(), kRetryWindow.count());
}

void rotate(pg::Tx& tx, AuthSessionId id, const RefreshToken& used, const RefreshToken& next,
            const Client& client, std::chrono::seconds lifetime) {
  tx.run(
      "update auth_sessions set refresh_hash = $2, previous_hash = $3, successor = $4, rotated_at "
      "= now(), "
      "last_used_at = now(), expires_at = now() + make_interval(secs => $5), device = $6, ip = $7 "
      "where id = $1",
      id, next.hash(), used.hash(), seal(used, next), lifetime.count(), client.user_agent,
      client.address);
}

SessionState get_session_state(pg::Tx& tx, AuthSessionId id) {
  const auto row = tx.find<StateRow>(
      "select s.user_id, u.role, u.suspended_at is not null, "
      "s.revoked_at is not null or s.expires_at <= now() or u.deleted_at is not null "
      "from auth_sessions s join users u on u.id = s.user_id where s.id = $1",
      id);
  if (!row) return {.user = {}, .role = Role::learner, .suspended = false, .ended = true};
  return {row->user, row->role, row->suspended, row->ended};
}

std::vector<SessionView> list_sessions(pg::Tx& tx, UserId user,
                                       const std::optional<AuthSessionId>& before, int limit) {
  // `current` is the caller's to say.
  return tx.list<SessionView>(
      "select id, device, ip, created_at, last_used_at, expires_at, false from auth_sessions "
      "where user_id = $1 and revoked_at is null and expires_at > now() "
      "and id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') order by id desc limit "
      "$3",
      user, before, limit);
}

std::vector<AuthSessionId> end_session(pg::Tx& tx, UserId user, AuthSessionId session) {
  return tx.list<AuthSessionId>(
      "update auth_sessions set revoked_at = now() "
      "where id = $2 and user_id = $1 and revoked_at is null returning id",
      user, session);
}

std::vector<AuthSessionId> end_sessions(pg::Tx& tx, UserId user,
                                        const std::optional<AuthSessionId>& except) {
  return tx.list<AuthSessionId>(
      "update auth_sessions set revoked_at = now() "
      "where user_id = $1 and revoked_at is null and id is distinct from $2::uuid returning id",
      user, except);
}

std::vector<AuthSessionId> end_oldest_sessions(pg::Tx& tx, UserId user, std::size_t most) {
  return tx.list<AuthSessionId>(
      "update auth_sessions set revoked_at = now() where id in ("
      "select id from auth_sessions where user_id = $1 and revoked_at is null "
      "order by last_used_at desc, id desc offset $2) returning id",
      user, most);
}

std::int64_t delete_ended_sessions(pg::Tx& tx, int most) {
  return tx.run(
      "delete from auth_sessions where id in (select id from auth_sessions"
      " where expires_at < now() - interval '30 days' or revoked_at < now() - interval '30 days'"
      " limit $1)",
      most);
}

}  // namespace stoa::auth
