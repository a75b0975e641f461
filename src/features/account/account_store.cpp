#include "features/account/account_store.hpp"

#include <stoa/postgres/listing.hpp>

#include <chrono>

namespace stoa::account::store {
namespace {

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

pg::Query<std::optional<UserId>> begin_copy(UserId user, Duration every) {
  return pg::query<std::optional<UserId>>(
             "update users set exported_at = now() where id = $1 and deleted_at is null and"
             " (exported_at is null or exported_at <= now() - make_interval(secs => $2))"
             " returning id",
             user, seconds(every))
      .locking();
}

pg::Query<std::optional<std::int64_t>> find_wait(UserId user, Duration every) {
  return pg::query<std::optional<std::int64_t>>(
      "select greatest(1, ceil(extract(epoch from exported_at + make_interval(secs => $2) -"
      " now())))::bigint from users where id = $1 and exported_at is not null",
      user, seconds(every));
}

pg::Query<pg::Count> delete_keys(UserId user) {
  return pg::query<pg::Count>("delete from idempotency_keys where user_id = $1", user);
}

pg::Query<std::vector<ActRow>> export_acts(UserId user, const std::optional<ActKeys>& before,
                                           int limit) {
  static const pg::Listing kActs(
      "select at, id, address, action, target_kind, target_id, before::text, after::text"
      " from audit_log where actor_id = $1",
      {" and (at, id) < ($1, $2)"}, " order by at desc, id desc limit $1");
  return kActs.query<ActRow>(user, before, limit);
}

pg::Query<std::vector<ActRow>> export_acts_upon(UserId user, const std::optional<ActKeys>& before,
                                                int limit) {
  static const pg::Listing kActs(
      "select at, id, '', action, target_kind, target_id, before::text, after::text"
      " from audit_log where target_id = $1 and actor_id is distinct from $1",
      {" and (at, id) < ($1, $2)"}, " order by at desc, id desc limit $1");
  return kActs.query<ActRow>(user, before, limit);
}

}  // namespace stoa::account::store
