#include <stoa/audit/reading.hpp>
#include <stoa/postgres/listing.hpp>

namespace stoa::audit {

pg::Query<std::vector<Entry>> list_entries(const Filter& filter, int most) {
  static const pg::Listing kEntries(
      "select at, actor_kind, actor_id, session_id, address, request_id, action, target_kind,"
      " target_id, within_kind, within_id, before, after from audit_log where true",
      {" and actor_id = $1", " and (target_id = $1 or within_id = $1)", " and at >= $1"},
      " order by at desc, id desc limit $1");
  return kEntries.query<Entry>(filter.actor, filter.target, filter.since, most).slow();
}

std::int64_t delete_old_entries(pg::Tx& tx, std::chrono::milliseconds older_than, int most) {
  return tx.run(
      "delete from audit_log where (at, id) in (select at, id from audit_log"
      " where at < now() - make_interval(secs => $1) order by at limit $2)",
      std::chrono::duration<double>(older_than).count(), most);
}

}  // namespace stoa::audit
