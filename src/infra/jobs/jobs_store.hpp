#pragma once
// SQL of jobs. Times are the database's. What writes goes to the database threads: it may wait for the row of a key that
// some transaction is enqueuing.
#include <stoa/jobs/job.hpp>
#include <stoa/jobs/operate.hpp>
#include <stoa/postgres/tx.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::jobs {

using WorkerId = Id<struct WorkerTag>;

// A job that was taken: by naming worker and attempt the process says how it went, until another one has taken it.
struct Claim {
  JobId job;
  WorkerId worker;
  int attempt = 0;
};

struct TakenJob {
  JobId id;
  std::string kind;
  std::string payload;
  int attempt = 0;
};
BOOST_DESCRIBE_STRUCT(TakenJob, (), (id, kind, payload, attempt))

struct Tally {
  std::string kind;
  std::int64_t waiting = 0;
  std::int64_t running = 0;
  std::int64_t parked = 0;
  double oldest_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(Tally, (), (kind, waiting, running, parked, oldest_seconds))

namespace store {

using std::chrono::milliseconds;

pg::Query<pg::Count> insert_job(JobId id, std::string_view kind, const std::string& payload,
                                const When& when);

struct Wanted {
  std::vector<std::string> kinds;
  std::vector<std::int64_t> running;  // of each kind, on this node
  std::size_t most = 0;               // jobs
  std::size_t most_of_kind = 0;       // with those that run; more than each of `running`
};
// What is due, in turns of the kinds that have the fewest at work, the longest due first.
pg::Query<std::vector<TakenJob>> take_jobs(WorkerId worker, const Wanted& wanted,
                                           milliseconds lease);
// In milliseconds, when the next job of these kinds is due, or its lease over; `longest` when that is sooner.
pg::Query<std::int64_t> find_next_due(const std::vector<std::string>& kinds, milliseconds longest);
// Answers those that are still the worker's.
pg::Query<std::vector<JobId>> renew_leases(WorkerId worker, const std::vector<JobId>& jobs,
                                           milliseconds lease);

// These change nothing where the claim does not hold any more.
// Not where it was enqueued again meanwhile.
pg::Query<pg::Count> delete_done(const Claim& claim);
// Where it was enqueued again meanwhile, or `again` says so.
pg::Query<pg::Count> restart_done(const Claim& claim, std::optional<milliseconds> again);
// Of a job that was enqueued again meanwhile, one attempt stands for both.
pg::Query<pg::Count> postpone_job(const Claim& claim, milliseconds wait, const std::string& why);
// But one that was enqueued again meanwhile begins anew.
pg::Query<pg::Count> park_job(const Claim& claim, const std::string& why);
// All that this worker still has: the attempt does not count.
pg::Query<pg::Count> give_back(WorkerId worker);

pg::Query<std::vector<Tally>> tally_jobs();
pg::Query<std::vector<ListedJob>> list_jobs(const std::optional<std::string>& kind, bool parked,
                                            int most);
// Holds the row until the end of the transaction.
pg::Query<std::optional<ListedJob>> lock_job(JobId id);
// These leave one alone that runs.
pg::Query<pg::Count> retry_job(JobId id);
pg::Query<pg::Count> delete_job(JobId id);

}  // namespace store
}  // namespace stoa::jobs
