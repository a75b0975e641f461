#include "infra/jobs/jobs_store.hpp"

#include <stoa/jobs/operate.hpp>

namespace stoa::jobs {
namespace {

ListedJob lock_job(pg::Tx& tx, JobId id) {
  auto job = tx.run(store::lock_job(id));
  if (!job) throw Error(Code::not_found, "there is no job " + id.str());
  return std::move(*job);
}

void require_changed(pg::Count changed) {
  if (changed.value > 0) return;
  throw Error(Code::conflict, "the job is being worked on; try again later");
}

}  // namespace

std::vector<ListedJob> list_jobs(pg::Tx& tx, const std::optional<std::string>& kind, bool parked,
                                 int most) {
  return tx.run(store::list_jobs(kind, parked, most));
}

ListedJob retry_job(pg::Tx& tx, JobId id) {
  ListedJob job = lock_job(tx, id);
  try {
    require_changed(tx.run(store::retry_job(id)));
    return job;
  } catch (const pg::UniqueViolation&) {
    throw Error(Code::conflict, "another job of its kind and key waits already; drop this one");
  }
}

ListedJob drop_job(pg::Tx& tx, JobId id) {
  ListedJob job = lock_job(tx, id);
  require_changed(tx.run(store::delete_job(id)));
  return job;
}

void insert_job(pg::Tx& tx, std::string_view kind, const std::string& payload, const When& when) {
  tx.run(store::insert_job(JobId::make(), kind, payload, when));
}

}  // namespace stoa::jobs
