#include "features/auth/auth_store.hpp"

#include <stoa/auth/ways_in.hpp>
#include <stoa/postgres/listing.hpp>

namespace stoa::auth {

pg::Query<bool> has_other_way_in(UserId user, const WayIn& but, const Doors& open) {
  return pg::query<bool>(
      "select exists (select from users u where u.id = $1 and ("
      "u.email is not null and (u.password_hash is not null or $4 and u.is_verified)"
      " or $5 and u.phone is not null and not $2"
      " or exists (select from identities i where i.user_id = u.id"
      " and i.id is distinct from $3::uuid and i.removed_at is null"
      " and (i.issuer = any($6::text[]) or i.provider = any($7::text[])))))",
      user, but.phone, but.identity, open.links, open.codes, open.issuers, open.providers);
}

namespace store {
namespace {

using Ids = std::vector<AuthSessionId>;

constexpr char kCredentials[] =
    "select id, password_hash, suspended_at is not null, devices_since from users ";
constexpr auto kCredentialsOfEmail =
    pg::sql(kCredentials, "where email = $1 and deleted_at is null");
constexpr auto kCredentialsOfUser = pg::sql(kCredentials, "where id = $1 and deleted_at is null");

constexpr char kEnded[] =
    "(expires_at < now() - interval '30 days' or revoked_at < now() - interval '30 days')";
constexpr auto kFindEnded = pg::sql("select id from auth_sessions where ", kEnded, " limit $1");
constexpr auto kDeleteEnded =
    pg::sql("delete from auth_sessions where id = any($1::uuid[]) and ", kEnded);

}  // namespace

pg::Query<bool> has_email(const std::string& email) {
  return pg::query<bool>("select exists (select from users where email = $1)", email);
}

pg::Query<pg::Count> set_role(UserId user, Role role) {
  return pg::query<pg::Count>("update users set role = $2, updated_at = now() where id = $1", user,
                              role);
}

pg::Query<pg::Count> set_suspended(UserId user, bool suspended) {
  return pg::query<pg::Count>(
      "update users set suspended_at = case when $2 then now() end, updated_at = now()"
      " where id = $1",
      user, suspended);
}

pg::Query<bool> is_suspended(UserId user) {
  return pg::query<bool>(
      "select exists (select from users where id = $1 and suspended_at is not null)", user);
}

pg::Query<std::optional<Credentials>> find_credentials(const std::string& email) {
  return pg::query<std::optional<Credentials>>(kCredentialsOfEmail, email);
}

pg::Query<std::optional<Credentials>> find_credentials(UserId user) {
  return pg::query<std::optional<Credentials>>(kCredentialsOfUser, user);
}

pg::Query<std::optional<UserId>> lock_user_with_password(UserId user,
                                                         const std::string& password_hash) {
  return pg::query<std::optional<UserId>>(
      "select id from users where id = $1 and password_hash = $2 "
      "and suspended_at is null and deleted_at is null for no key update",
      user, password_hash);
}

pg::Query<pg::Count> remove_password(UserId user) {
  return pg::query<pg::Count>(
      "update users set password_hash = null, updated_at = now() where id = $1", user);
}

pg::Query<pg::Count> set_password(UserId user, const std::string& password_hash) {
  return pg::query<pg::Count>(
      "update users set password_hash = $2, updated_at = now() where id = $1", user, password_hash);
}

pg::Query<pg::Count> forget_devices(UserId user, Timestamp before) {
  return pg::query<pg::Count>("update users set devices_since = $2 where id = $1", user, before);
}

pg::Query<pg::Count> create_session(UserId user, const NewSession& session) {
  std::optional<std::string> family, hash;
  if (session.token) {
    family = session.token->family_hash();
    hash = session.token->hash();
  }
  return pg::query<pg::Count>(
      "insert into auth_sessions (id, user_id, family_hash, refresh_hash, device, ip, expires_at, "
      "how, factors, created_at) "
      "values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7), $8, $9,"
      " least(now(), coalesce($10::timestamptz, now())))",
      session.id, user, family, hash, session.device, session.ip, session.lifetime.count(),
      session.how, session.factors, session.shown_at);
}

pg::Query<pg::Count> prolong_outside(UserId user, const OutsideSignIn& sign_in,
                                     const Client& client) {
  return pg::query<pg::Count>(
      "update auth_sessions set last_used_at = now(), device = $3, ip = $4,"
      " expires_at = greatest(expires_at, $5)"
      " where id = $1 and user_id = $2 and revoked_at is null",
      sign_in.id, user, client.user_agent, client.address, sign_in.until);
}

pg::Query<pg::Count> begin_outside(UserId user, const OutsideSignIn& sign_in,
                                   const Client& client) {
  return pg::query<pg::Count>(
      "insert into auth_sessions (id, user_id, device, ip, expires_at, how, created_at)"
      " values ($1, $2, $3, $4, $5, $6, least(now(), $7::timestamptz)) on conflict do nothing",
      sign_in.id, user, client.user_agent, client.address, sign_in.until, How::outside,
      sign_in.began_at);
}

pg::Query<std::optional<StoredSession>> find_session_of(const RefreshToken& token) {
  return pg::query<std::optional<StoredSession>>(
      "select s.id, s.user_id, s.refresh_hash, s.previous_hash, s.successor, "
      "coalesce(s.rotated_at > now() - make_interval(secs => $2), false), s.device, "
      "s.revoked_at is not null or s.expires_at <= now() or u.deleted_at is not null, "
      "u.suspended_at is not null "
      "from auth_sessions s join users u on u.id = s.user_id where s.family_hash = $1 for update "
      "of s",
      token.family_hash(), kRetryWindow.count());
}

pg::Query<pg::Count> rotate(AuthSessionId id, const RefreshToken& used, const RefreshToken& next,
                            const Client& client, std::chrono::seconds lifetime) {
  return pg::query<pg::Count>(
      "update auth_sessions set refresh_hash = $2, previous_hash = $3, successor = $4, rotated_at "
      "= now(), "
      "last_used_at = now(), expires_at = now() + make_interval(secs => $5), device = $6, ip = $7 "
      "where id = $1",
      id, next.hash(), used.hash(), seal(used, next), lifetime.count(), client.user_agent,
      client.address);
}

pg::Query<std::vector<FoundSession>> find_sessions(const std::vector<AuthSessionId>& ids) {
  return pg::query<std::vector<FoundSession>>(
      "select k.place, s.user_id, u.role, u.suspended_at is not null,"
      " s.revoked_at is not null or s.expires_at <= now() or u.deleted_at is not null"
      " from unnest($1::uuid[]) with ordinality k (id, place)"
      " join auth_sessions s on s.id = k.id join users u on u.id = s.user_id",
      ids);
}

pg::Query<std::vector<SessionView>> list_sessions(UserId user,
                                                  const std::optional<AuthSessionId>& before,
                                                  int limit) {
  // `current` is the caller's to say.
  static const pg::Listing kSessions(
      "select id, device, ip, created_at, last_used_at, expires_at, false from auth_sessions"
      " where user_id = $1 and revoked_at is null and expires_at > now()",
      {" and id < $1"}, " order by id desc limit $1");
  return kSessions.query<SessionView>(user, before, limit);
}

pg::Query<std::vector<AuthSessionId>> list_open_sessions(UserId user) {
  return pg::query<std::vector<AuthSessionId>>(
      "select id from auth_sessions where user_id = $1 and revoked_at is null"
      " and expires_at > now()",
      user);
}

pg::Query<std::int64_t> count_open_sessions(UserId user) {
  return pg::query<std::int64_t>(
      "select count(*) from auth_sessions where user_id = $1 and revoked_at is null"
      " and expires_at > now()",
      user);
}

pg::Query<std::optional<OpenSession>> find_open(UserId user, AuthSessionId session, Duration within,
                                                int factors) {
  return pg::query<std::optional<OpenSession>>(
      "select u.suspended_at is not null,"
      " s.factors >= $4 and s.created_at > now() - make_interval(secs => $3)"
      " from auth_sessions s join users u on u.id = s.user_id where s.id = $2 and s.user_id = $1"
      " and s.revoked_at is null and s.expires_at > now() and u.deleted_at is null",
      user, session, in_seconds(within), factors);
}

pg::Query<Ids> end_session(UserId user, AuthSessionId session) {
  return pg::query<Ids>(
      "update auth_sessions set revoked_at = now() "
      "where id = $2 and user_id = $1 and revoked_at is null returning id",
      user, session);
}

pg::Query<bool> has_just_ended(UserId user, AuthSessionId session) {
  return pg::query<bool>(
      "select exists (select from auth_sessions where id = $2 and user_id = $1"
      " and revoked_at > now() - interval '10 minutes')",
      user, session);
}

pg::Query<Ids> end_sessions(UserId user, const std::optional<AuthSessionId>& except) {
  return pg::query<Ids>(
      "with ended as (update auth_sessions set revoked_at = now() "
      "where user_id = $1 and revoked_at is null and id is distinct from $2::uuid returning id) "
      "select id from ended union (select id from auth_sessions "
      "where user_id = $1 and revoked_at > now() - interval '10 minutes' "
      "and id is distinct from $2::uuid order by revoked_at desc limit 50)",
      user, except);
}

pg::Query<Ids> end_oldest_sessions(UserId user, std::size_t most) {
  return pg::query<Ids>(
      "update auth_sessions set revoked_at = now() where id in ("
      "select id from auth_sessions where user_id = $1 and revoked_at is null "
      "order by last_used_at desc, id desc offset $2) returning id",
      user, most);
}

pg::Query<pg::Count> delete_sessions(UserId user) {
  return pg::query<pg::Count>("delete from auth_sessions where user_id = $1", user);
}

pg::Query<pg::Count> delete_tickets(UserId user) {
  return pg::query<pg::Count>("delete from socket_tickets where user_id = $1", user);
}

pg::Query<std::vector<SignInRow>> export_sessions(
    UserId user, const std::optional<std::tuple<AuthSessionId>>& before, int limit) {
  static const pg::Listing kSessions(
      "select id, device, ip, how, factors, created_at, last_used_at, expires_at, revoked_at"
      " from auth_sessions where user_id = $1",
      {" and id < $1"}, " order by id desc limit $1");
  return kSessions.query<SignInRow>(user, before, limit);
}

// A row that was ended here keeps the tokens of that sign-in out, so that the identity has to when it goes. Clocks of issuers may be
// a minute ahead, and no row says that it was begun later than now.
std::int64_t delete_ended_sessions(pg::Tx& tx, int most) {
  const Ids ended = tx.run(pg::query<Ids>(kFindEnded, most));
  tx.run(
      "update identities i set refused_before = greatest(i.refused_before, e.at) from"
      " (select user_id, max(created_at) + interval '61 seconds' as at from auth_sessions"
      " where id = any($1::uuid[]) and how = $2 and family_hash is null and revoked_at is not null"
      " group by user_id) e where i.user_id = e.user_id",
      ended, How::outside);
  return tx.run(pg::query<pg::Count>(kDeleteEnded, ended)).value;
}

}  // namespace store
}  // namespace stoa::auth
