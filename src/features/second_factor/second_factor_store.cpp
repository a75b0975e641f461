#include "features/second_factor/second_factor_store.hpp"

namespace stoa::second_factor::store {
namespace {

// Of waits that pass without an attempt: after so many longest ones the person starts afresh.
constexpr int kForget = 24;

constexpr char kColumns[] =
    "sealed_secret, sealed_kid, last_step, confirmed_at is not null, created_at";
constexpr char kFailures[] =
    "(case when tried_at < now() - make_interval(secs => $4) then 1 else failures + 1 end)";
constexpr char kAfresh[] = "failures = 0, not_before = '-infinity'";

constexpr auto kFind = pg::sql("select ", kColumns, " from user_totp where user_id = $1");
constexpr auto kBeginAttempt = pg::sql(
    "update user_totp set failures = ", kFailures, ", tried_at = now(), not_before = case when ",
    kFailures,
    " < $2 then '-infinity' else now() + make_interval(secs => least($3, power(2::float8, least(",
    kFailures, " - $2, 20)))) end where user_id = $1 and not_before <= now() returning ", kColumns);
constexpr auto kEnrol = pg::sql(
    "insert into user_totp (user_id, sealed_secret, sealed_kid) values ($1, $2, $3)"
    " on conflict (user_id) do update set sealed_secret = excluded.sealed_secret,"
    " sealed_kid = excluded.sealed_kid, last_step = 0, created_at = now(), ",
    kAfresh, " where user_totp.confirmed_at is null");
constexpr auto kConfirm =
    pg::sql("update user_totp set confirmed_at = now(), last_step = $3, ", kAfresh,
            " where user_id = $1 and created_at = $2 and confirmed_at is null and last_step < $3");
constexpr auto kAcceptStep = pg::sql(
    "update user_totp set last_step = $3, sealed_secret = $4, sealed_kid = $5, ", kAfresh,
    " where user_id = $1 and created_at = $2 and confirmed_at is not null and last_step < $3");
constexpr auto kAcceptRecovery =
    pg::sql("update user_totp set ", kAfresh,
            " where user_id = $1 and created_at = $2 and confirmed_at is not null");

}  // namespace

pg::Query<bool> has_factor(UserId user) {
  return pg::query<bool>(
      "select exists (select from user_totp where user_id = $1 and confirmed_at is not null)",
      user);
}

pg::Query<std::optional<Factor>> find_factor(UserId user) {
  return pg::query<std::optional<Factor>>(kFind, user);
}

pg::Query<Standing> get_standing(UserId user) {
  return pg::query<Standing>(
      "select exists (select from user_totp where user_id = $1 and confirmed_at is not null),"
      " (select count(*) from recovery_codes where user_id = $1)",
      user);
}

pg::Query<std::optional<Factor>> begin_attempt(UserId user, std::size_t free, Duration longest) {
  return pg::query<std::optional<Factor>>(kBeginAttempt, user, static_cast<int>(free),
                                          in_seconds(longest), in_seconds(longest * kForget))
      .locking();
}

pg::Query<std::optional<std::int64_t>> find_wait(UserId user) {
  return pg::query<std::optional<std::int64_t>>(
      "select greatest(1, ceil(extract(epoch from not_before - now())))::bigint from user_totp"
      " where user_id = $1 and not_before > '-infinity'",
      user);
}

pg::Query<pg::Count> enrol(UserId user, const std::string& sealed, std::string_view kid) {
  return pg::query<pg::Count>(kEnrol, user, sealed, kid);
}

pg::Query<pg::Count> confirm(UserId user, Timestamp created, std::int64_t step) {
  return pg::query<pg::Count>(kConfirm, user, created, step);
}

pg::Query<pg::Count> accept_step(UserId user, Timestamp created, std::int64_t step,
                                 const std::string& sealed, std::string_view kid) {
  return pg::query<pg::Count>(kAcceptStep, user, created, step, sealed, kid);
}

pg::Query<pg::Count> accept_recovery(UserId user, Timestamp created) {
  return pg::query<pg::Count>(kAcceptRecovery, user, created);
}

pg::Query<pg::Count> remove(UserId user) {
  return pg::query<pg::Count>(
      "delete from user_totp where user_id = $1 and confirmed_at is not null", user);
}

pg::Query<pg::Count> forget_enrolment(UserId user) {
  return pg::query<pg::Count>("delete from user_totp where user_id = $1 and confirmed_at is null",
                              user);
}

pg::Query<pg::Count> add_codes(UserId user, const std::vector<std::string>& hashes) {
  return pg::query<pg::Count>(
      "insert into recovery_codes (user_id, code_hash) select $1, unnest($2::text[])", user,
      hashes);
}

pg::Query<pg::Count> remove_codes(UserId user) {
  return pg::query<pg::Count>("delete from recovery_codes where user_id = $1", user);
}

pg::Query<pg::Count> spend_code(UserId user, const std::string& hash) {
  return pg::query<pg::Count>("delete from recovery_codes where user_id = $1 and code_hash = $2",
                              user, hash);
}

pg::Query<std::int64_t> count_codes(UserId user) {
  return pg::query<std::int64_t>("select count(*) from recovery_codes where user_id = $1", user);
}

pg::Query<std::vector<Sealed>> list_sealed_with(std::string_view kid, int most) {
  return pg::query<std::vector<Sealed>>(
      "select user_id, sealed_secret from user_totp"
      " where sealed_kid = $1 and confirmed_at is not null limit $2 for update",
      kid, most);
}

pg::Query<pg::Count> set_sealed(UserId user, const std::string& sealed, std::string_view kid) {
  return pg::query<pg::Count>(
      "update user_totp set sealed_secret = $2, sealed_kid = $3 where user_id = $1", user, sealed,
      kid);
}

pg::Query<std::vector<FactorRow>> export_factor(UserId user) {
  return pg::query<std::vector<FactorRow>>(
      "select t.created_at, t.confirmed_at,"
      " (select count(*) from recovery_codes c where c.user_id = t.user_id)"
      " from user_totp t where t.user_id = $1",
      user);
}

pg::Query<std::vector<std::string>> list_keys() {
  // From one to the next by the index: they are few, whatever the number of rows.
  return pg::query<std::vector<std::string>>(
      "with recursive kids as ("
      "(select sealed_kid from user_totp where confirmed_at is not null"
      " order by sealed_kid limit 1)"
      " union all select (select sealed_kid from user_totp where confirmed_at is not null"
      " and sealed_kid > kids.sealed_kid order by sealed_kid limit 1)"
      " from kids where kids.sealed_kid is not null)"
      " select sealed_kid from kids where sealed_kid is not null");
}

}  // namespace stoa::second_factor::store
