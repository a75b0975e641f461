#include "infra/jobs/jobs_store.hpp"

namespace stoa::jobs::store {
namespace {

std::int64_t ms(milliseconds time) {
  return time.count();
}

// $1 to $3 of a statement are a claim.
constexpr char kClaimed[] = " where id = $1 and worker = $2 and attempts = $3";
constexpr char kRuns[] = "worker is not null and due_at > now()";

// With a key that waits already, the sooner time holds; with one that is being worked on, it is done again. least()
// passes over NULL.
constexpr char kInsert[] =
    "insert into jobs as j (id, kind, key, payload, due_at)"
    " values ($1, $2, $3, $4::jsonb, now() + make_interval(secs => $5::bigint / 1000.0))"
    " on conflict (kind, key) where parked_at is null do update"
    " set due_at = case when j.worker is null then least(j.due_at, excluded.due_at) else j.due_at "
    "end,"
    " again_at = case when j.worker is not null then least(j.again_at, excluded.due_at) end";

// Each kind by the index that has its jobs in their order.
constexpr char kTake[] =
    "with due as materialized ("
    "  select d.id, d.due_at, k.running + row_number() over (partition by k.kind order by "
    "d.due_at) as turn"
    "    from unnest($2::text[], $3::bigint[]) as k (kind, running), lateral ("
    "      select j.id, j.due_at from jobs j"
    "       where j.kind = k.kind and j.parked_at is null and j.due_at <= now()"
    "       order by j.due_at limit least($4::bigint, $5::bigint - k.running) for update skip "
    "locked) d"
    "), mine as (select id from due order by turn, due_at limit $4::bigint)"
    " update jobs j set worker = $1, attempts = j.attempts + 1,"
    "        due_at = now() + make_interval(secs => $6::bigint / 1000.0)"
    "   from mine where j.id = mine.id returning j.id, j.kind, j.payload::text, j.attempts";
constexpr char kNextDue[] =
    "select least($2::bigint,"
    "  greatest(0, ceil(extract(epoch from min(d.due_at) - now()) * 1000))::bigint)"
    "  from unnest($1::text[]) as k (kind), lateral ("
    "    select j.due_at from jobs j where j.kind = k.kind and j.parked_at is null"
    "     order by j.due_at limit 1) d";

constexpr auto kDeleteDone = pg::sql("delete from jobs", kClaimed, " and again_at is null");
constexpr auto kRestartDone = pg::sql(
    "update jobs set worker = null, attempts = 0, last_error = null, again_at = null,"
    " due_at = least(again_at, now() + make_interval(secs => $4::bigint / 1000.0))",
    kClaimed, " and (again_at is not null or $4::bigint is not null)");
constexpr auto kPostpone = pg::sql(
    "update jobs set worker = null, again_at = null, last_error = $5,"
    " due_at = now() + make_interval(secs => $4::bigint / 1000.0)",
    kClaimed);
constexpr auto kPark = pg::sql(
    "update jobs set worker = null, again_at = null, last_error = $4,"
    " parked_at = case when again_at is null then now() end,"
    " attempts = case when again_at is null then attempts else 0 end,"
    " due_at = coalesce(again_at, due_at)",
    kClaimed);

constexpr auto kTally = pg::sql(
    "select kind, count(*) filter (where parked_at is null and not runs),"
    " count(*) filter (where runs), count(*) filter (where parked_at is not null),"
    " coalesce(greatest(0, extract(epoch from now() - min(due_at)"
    "          filter (where parked_at is null and not runs))), 0)::float8"
    " from (select kind, parked_at, due_at, (",
    kRuns, ") as runs from jobs) j group by kind");
constexpr auto kListed =
    pg::sql("select id, kind, case when parked_at is not null then 'parked' when ", kRuns,
            " then 'running' else 'waiting' end, key, attempts, due_at, last_error from jobs ");
constexpr auto kList =
    pg::sql(kListed.text,
            "where ($1::text is null or kind = $1) and (not $2::boolean or parked_at is not null)"
            " order by parked_at is null, due_at, id limit $3");
constexpr auto kLock = pg::sql(kListed.text, "where id = $1 for update");
constexpr auto kRetry = pg::sql(
    "update jobs set worker = null, again_at = null, parked_at = null, attempts = 0, due_at = now()"
    " where id = $1 and not (",
    kRuns, ")");
constexpr auto kDelete = pg::sql("delete from jobs where id = $1 and not (", kRuns, ")");

}  // namespace

pg::Query<pg::Count> insert_job(JobId id, std::string_view kind, const std::string& payload,
                                const When& when) {
  return pg::query<pg::Count>(kInsert, id, kind, when.key, payload, ms(when.after));
}

pg::Query<std::vector<TakenJob>> take_jobs(WorkerId worker, const Wanted& wanted,
                                           milliseconds lease) {
  return pg::query<std::vector<TakenJob>>(kTake, worker, wanted.kinds, wanted.running, wanted.most,
                                          wanted.most_of_kind, ms(lease))
      .locking();
}

pg::Query<std::int64_t> find_next_due(const std::vector<std::string>& kinds, milliseconds longest) {
  return pg::query<std::int64_t>(kNextDue, kinds, ms(longest));
}

pg::Query<std::vector<JobId>> renew_leases(WorkerId worker, const std::vector<JobId>& jobs,
                                           milliseconds lease) {
  return pg::query<std::vector<JobId>>(
             "update jobs set due_at = now() + make_interval(secs => $3::bigint / 1000.0)"
             " where worker = $1 and id = any($2::uuid[]) returning id",
             worker, jobs, ms(lease))
      .locking();
}

pg::Query<pg::Count> delete_done(const Claim& claim) {
  return pg::query<pg::Count>(kDeleteDone, claim.job, claim.worker, claim.attempt).locking();
}

pg::Query<pg::Count> restart_done(const Claim& claim, std::optional<milliseconds> again) {
  const auto wait = again ? std::optional(ms(*again)) : std::nullopt;
  return pg::query<pg::Count>(kRestartDone, claim.job, claim.worker, claim.attempt, wait).locking();
}

pg::Query<pg::Count> postpone_job(const Claim& claim, milliseconds wait, const std::string& why) {
  return pg::query<pg::Count>(kPostpone, claim.job, claim.worker, claim.attempt, ms(wait), why)
      .locking();
}

pg::Query<pg::Count> park_job(const Claim& claim, const std::string& why) {
  return pg::query<pg::Count>(kPark, claim.job, claim.worker, claim.attempt, why).locking();
}

pg::Query<pg::Count> give_back(WorkerId worker) {
  return pg::query<pg::Count>(
      "update jobs set worker = null, again_at = null, attempts = greatest(0, attempts - 1),"
      " due_at = now() where worker = $1",
      worker);
}

pg::Query<std::vector<Tally>> tally_jobs() {
  return pg::query<std::vector<Tally>>(kTally).slow();
}

pg::Query<std::vector<ListedJob>> list_jobs(const std::optional<std::string>& kind, bool parked,
                                            int most) {
  return pg::query<std::vector<ListedJob>>(kList, kind, parked, most);
}

pg::Query<pg::Count> retry_job(JobId id) {
  return pg::query<pg::Count>(kRetry, id);
}

pg::Query<pg::Count> delete_job(JobId id) {
  return pg::query<pg::Count>(kDelete, id);
}

pg::Query<std::optional<ListedJob>> lock_job(JobId id) {
  return pg::query<std::optional<ListedJob>>(kLock, id);
}

}  // namespace stoa::jobs::store
