#include <stoa/codes/codes.hpp>
#include <stoa/identity/opaque_token.hpp>

namespace stoa::codes {
namespace {

constexpr char kLive[] =
    " purpose = $1 and spent_at is null and expires_at > now()"
    " and (most_attempts = 0 or attempts <= most_attempts)";
constexpr char kColumns[] = "id, target, user_id, data, code_hash";

// One after the other for a target, so that the limits are exact.
constexpr char kLock[] = "select pg_advisory_xact_lock(hashtextextended('code ' || $1, 0))";
constexpr char kHasShare[] =
    "select (select count(*) from code_sends"
    "         where target = $1 and at > now() - make_interval(secs => $2)) < $3"
    " and not exists (select from code_sends"
    "         where target = $1 and at > now() - make_interval(secs => $4))"
    " and ($5 = '' or (select count(*) from code_sends"
    "         where prefix = $5 and at > now() - make_interval(secs => $2)) < $6)";
constexpr char kNoteSend[] =
    "insert into code_sends (target, at, prefix) values ($1, clock_timestamp(), $2)";
constexpr char kReplace[] =
    "delete from one_time_codes where purpose = $1 and target = $2 and spent_at is null";
constexpr char kInsert[] =
    "insert into one_time_codes"
    " (id, purpose, target, user_id, code_hash, data, most_attempts, address, expires_at)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))"
    " returning expires_at";

constexpr auto kFindLink =
    pg::sql("select ", kColumns, " from one_time_codes where code_hash = $2 and", kLive);
constexpr auto kAttempt =
    pg::sql("update one_time_codes set attempts = attempts + 1 where target = $2 and", kLive,
            " and attempts < most_attempts returning ", kColumns);

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

Codes::Codes(const config::Codes& config, std::span<const identity::TokenKey> keys)
    : config_(config), hash_(keys) {}

std::optional<Made> Codes::make(pg::Tx& tx, const Purpose& purpose, const Wanted& wanted,
                                const Client& client) const {
  tx.find<std::string>(kLock, wanted.target);
  const bool has_share =
      tx.get<bool>(kHasShare, wanted.target, seconds(config_.per_target_window),
                   static_cast<std::int64_t>(config_.per_target), seconds(config_.min_wait),
                   wanted.prefix, static_cast<std::int64_t>(config_.per_prefix));
  if (!has_share) return std::nullopt;

  constexpr int kDigits = 6;
  const CodeId id = CodeId::make();
  std::string text, hash;
  if (purpose.form == Form::link) {
    auto token = identity::make_opaque_token();
    text = std::move(token.text);
    hash = std::move(token.hash);
  } else {
    text = identity::random_digits(kDigits);
    hash = hash_.make(text, id.str());
  }
  tx.run(kNoteSend, wanted.target, wanted.prefix);
  tx.run(kReplace, purpose.name, wanted.target);
  const auto expires =
      tx.get<Timestamp>(kInsert, id, purpose.name, wanted.target, wanted.user, hash, wanted.data,
                        purpose.attempts, client.address, static_cast<double>(purpose.ttl.count()));
  return Made{id, std::move(text), expires};
}

bool Codes::matches(const Live& live, std::string_view digits) const {
  return hash_.matches(live.hash, digits, live.id.str());
}

jobs::Chores Codes::chores() const {
  const auto ended = [](pg::Tx& tx, int most) {
    return tx.run(
        "delete from one_time_codes where id in"
        " (select id from one_time_codes where expires_at < now() - interval '1 day' limit $1)",
        most);
  };
  const auto old_sends = [window = seconds(config_.per_target_window)](pg::Tx& tx, int most) {
    return tx.run(
        "delete from code_sends where (target, at) in (select target, at from code_sends"
        " where at < now() - make_interval(secs => $2) limit $1)",
        most, window);
  };
  return {{"ended_codes", ended}, {"old_code_sends", old_sends}};
}

pg::Query<std::optional<Live>> find_link(const Purpose& purpose, std::string_view token) {
  return pg::query<std::optional<Live>>(kFindLink, purpose.name,
                                        identity::hash_opaque_token(token));
}

pg::Query<std::optional<Live>> attempt(const Purpose& purpose, const std::string& target) {
  return pg::query<std::optional<Live>>(kAttempt, purpose.name, target).locking();
}

pg::Query<pg::Count> spend(CodeId id) {
  return pg::query<pg::Count>(
      "update one_time_codes set spent_at = now()"
      " where id = $1 and spent_at is null and expires_at > now()",
      id);
}

pg::Query<pg::Count> end_all(UserId user) {
  return pg::query<pg::Count>(
      "update one_time_codes set spent_at = now() where user_id = $1 and spent_at is null", user);
}

}  // namespace stoa::codes
