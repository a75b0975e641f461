#include "infra/codes/codes_store.hpp"

#include <stoa/identity/opaque_token.hpp>

namespace stoa::codes {
namespace {

constexpr char kLive[] =
    " purpose = $1 and spent_at is null and expires_at > now()"
    " and (most_attempts = 0 or attempts <= most_attempts)";
constexpr char kColumns[] = "id, target, user_id, data, code_hash";
constexpr auto kFindLink =
    pg::sql("select ", kColumns, " from one_time_codes where code_hash = $2 and", kLive);
constexpr auto kAttempt = pg::sql(
    "update one_time_codes set attempts = attempts + 1,"
    " unproven = unproven + case when asker_hash = $3 then 0 else 1 end"
    " where target = $2 and",
    kLive,
    " and attempts < most_attempts"
    " and (asker_hash is null or asker_hash = $3 or unproven < $4) returning ",
    kColumns);

constexpr auto kHasLive = pg::sql(
    "select exists (select from one_time_codes where target = $2 and data = $3 and", kLive, ")");

}  // namespace

pg::Query<std::optional<Live>> find_link(const Purpose& purpose, std::string_view token) {
  return pg::query<std::optional<Live>>(kFindLink, purpose.name,
                                        identity::hash_opaque_token(token));
}

pg::Query<std::optional<Live>> attempt(const Purpose& purpose, const std::string& target,
                                       const std::optional<std::string>& asker_hash) {
  return pg::query<std::optional<Live>>(kAttempt, purpose.name, target, asker_hash,
                                        purpose.unproven)
      .locking();
}

pg::Query<bool> has_live(const Purpose& purpose, const std::string& target,
                         const std::string& data) {
  return pg::query<bool>(kHasLive, purpose.name, target, data);
}

pg::Query<pg::Count> spend(CodeId id) {
  return pg::query<pg::Count>(
      "update one_time_codes set spent_at = now()"
      " where id = $1 and spent_at is null and expires_at > now()",
      id);
}

pg::Query<pg::Count> end(const Purpose& purpose, UserId user) {
  return pg::query<pg::Count>(
      "update one_time_codes set spent_at = now()"
      " where user_id = $1 and purpose = $2 and spent_at is null",
      user, purpose.name);
}

pg::Query<pg::Count> end_all(UserId user) {
  return pg::query<pg::Count>(
      "update one_time_codes set spent_at = now() where user_id = $1 and spent_at is null", user);
}

namespace store {

pg::Query<std::string> lock_target(std::string_view to) {
  return pg::query<std::string>("select pg_advisory_xact_lock(hashtextextended('code ' || $1, 0))",
                                to)
      .writing();
}

pg::Query<Sent> sent_to(std::string_view to, double window, double min_wait) {
  return pg::query<Sent>(
      "select count(*), coalesce(bool_or(at > now() - make_interval(secs => $3)), false),"
      " coalesce(ceil(extract(epoch from min(at) + make_interval(secs => $2) - now())), 0)::bigint"
      " from code_sends where target = $1 and at > now() - make_interval(secs => $2)",
      to, window, min_wait);
}

pg::Query<pg::Count> note_send(std::string_view to) {
  return pg::query<pg::Count>("insert into code_sends (target, at) values ($1, clock_timestamp())",
                              to);
}

pg::Query<Timestamp> replace(CodeId id, const Purpose& purpose, const Wanted& wanted,
                             std::string_view hash, std::string_view address) {
  return pg::query<Timestamp>(
      "insert into one_time_codes"
      " (id, purpose, target, user_id, code_hash, data, most_attempts, address, expires_at,"
      " asker_hash)"
      " values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), $10)"
      " on conflict (purpose, target) where spent_at is null do update set"
      " id = excluded.id, user_id = excluded.user_id, code_hash = excluded.code_hash,"
      " data = excluded.data, attempts = 0, most_attempts = excluded.most_attempts,"
      " asker_hash = excluded.asker_hash, unproven = 0,"
      " address = excluded.address, expires_at = excluded.expires_at, created_at = now()"
      " returning expires_at",
      id, purpose.name, wanted.target, wanted.user, hash, wanted.data, purpose.attempts, address,
      static_cast<double>(purpose.ttl.count()), wanted.asker_hash);
}

pg::Query<pg::Count> delete_ended(int most) {
  return pg::query<pg::Count>(
      "delete from one_time_codes where id in"
      " (select id from one_time_codes where expires_at < now() - interval '1 day' limit $1)",
      most);
}

pg::Query<pg::Count> delete_old_sends(double window, int most) {
  return pg::query<pg::Count>(
      "delete from code_sends where ctid = any (array(select ctid from code_sends"
      " where at < now() - make_interval(secs => $1) limit $2))",
      window, most);
}

}  // namespace store
}  // namespace stoa::codes
