#pragma once
// What an operator sees of the jobs and does to them. Transactions' work; a server notices within jobs.poll.
#include <stoa/core/binding.hpp>
#include <stoa/core/time.hpp>
#include <stoa/jobs/job.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::jobs {

struct ListedJob {
  JobId id;
  std::string kind;
  std::string state;  // parked, running, waiting
  std::optional<std::string> key;
  int attempts = 0;
  Timestamp due_at;  // of one that runs: until when it is left to its worker
  std::optional<std::string> last_error;
};
BOOST_DESCRIBE_STRUCT(ListedJob, (), (id, kind, state, key, attempts, due_at, last_error))

// The parked ones, then the others as they are due; at most `most`.
std::vector<ListedJob> list_jobs(pg::Tx& tx, const std::optional<std::string>& kind, bool parked,
                                 int most);
// Now, and with all attempts before it. Both answer the job as it was. They throw Error{not_found}, and Error{conflict} while
// it runs; retry_job() also where another one of its key waits.
ListedJob retry_job(pg::Tx& tx, JobId id);
ListedJob drop_job(pg::Tx& tx, JobId id);

// Where there is no Queue, as on the command line.
void insert_job(pg::Tx& tx, std::string_view kind, const std::string& payload, const When& when);
template <class Payload>
void enqueue(pg::Tx& tx, const Kind<Payload>& kind, const Payload& payload, const When& when = {}) {
  insert_job(tx, kind.name, write(payload), when);
}

}  // namespace stoa::jobs
