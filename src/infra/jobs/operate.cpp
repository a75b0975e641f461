#include "infra/jobs/jobs_store.hpp"

#include <stoa/jobs/operate.hpp>

namespace stoa::jobs {
namespace {

void require_changed(pg::Tx& tx, JobId id, pg::Count changed) {
  if (changed.value > 0) return;
  if (!tx.run(store::has_job(id))) throw Error(Code::not_found, "there is no job " + id.str());
  throw Error(Code::conflict, "the job is being worked on; try again later");
}

}  // namespace

std::vector<ListedJob> list_jobs(pg::Tx& tx, const std::optional<std::string>& kind, bool parked,
                                 int most) {
  return tx.run(store::list_jobs(kind, parked, most));
}

void retry_job(pg::Tx& tx, JobId id) {
  try {
    require_changed(tx, id, tx.run(store::retry_job(id)));
  } catch (const pg::UniqueViolation&) {
    throw Error(Code::conflict, "another job of its kind and key waits already; drop this one");
  }
}

void drop_job(pg::Tx& tx, JobId id) {
  require_changed(tx, id, tx.run(store::delete_job(id)));
}

}  // namespace stoa::jobs
