#include "app/job_commands.hpp"

#include "app/command_database.hpp"
#include "app/operator_audit.hpp"
#include "app/terminal.hpp"

#include <stoa/audit/audit.hpp>
#include <stoa/core/time.hpp>

#include <iostream>

namespace stoa::app {
namespace {

jobs::JobId id_of(const std::string& text) {
  const auto id = jobs::JobId::parse(text);
  if (!id) throw ConfigError("'" + text + "' is not a job's id");
  return *id;
}

void print(const jobs::ListedJob& job) {
  std::cout << job.id.str() << "  " << job.state << "  " << job.kind << "  attempts "
            << job.attempts << "  due " << to_rfc3339(job.due_at);
  if (job.key) std::cout << "  key " << one_line(*job.key);
  if (job.last_error) std::cout << "  " << one_line(*job.last_error);
  std::cout << "\n";
}

JobState state_of(const jobs::ListedJob& job) {
  return {job.kind, job.state, job.attempts, job.due_at};
}

void retry(pg::Tx& tx, jobs::JobId job) {
  const auto was = jobs::retry_job(tx, job);
  audit::write(tx, audit::Actor::the_operator(), kRetryJob, {{"job", job}}, state_of(was),
               JobState{was.kind, "waiting", 0, now()});
}

}  // namespace

int list_jobs(const Config& config, const JobListing& listing) {
  const auto listed = in_database(config, [&listing](pg::Tx& tx) {
    return jobs::list_jobs(tx, listing.kind, listing.parked, listing.limit + 1);
  });
  print_list(listed, listing.limit, print, "there are no such jobs");
  return 0;
}

int retry_job(const Config& config, const std::string& id) {
  const auto job = id_of(id);
  in_database(config, [job](pg::Tx& tx) { retry(tx, job); });
  std::cout << "due now; a running server takes it within jobs.poll\n";
  return 0;
}

int retry_parked(const Config& config, const std::string& kind) {
  constexpr int kMost = 100'000;
  return with_database(one_connection(config), [&kind](pg::Database& db) {
    const auto parked =
        db.run_blocking([&kind](pg::Tx& tx) { return jobs::list_jobs(tx, kind, true, kMost + 1); });
    std::size_t left = 0;
    for (const auto& job : parked) {
      try {
        db.run_blocking([&job](pg::Tx& tx) { retry(tx, job.id); });
      } catch (const Error& error) {
        if (error.code() == Code::db_unavailable) throw;
        ++left;
        std::cerr << job.id.str() << ": " << error.message() << "\n";
      }
    }
    std::cout << "due now: " << parked.size() - left << "\n";
    return left == 0 ? 0 : 1;
  });
}

int drop_job(const Config& config, const std::string& id) {
  const auto job = id_of(id);
  in_database(config, [job](pg::Tx& tx) {
    const auto was = jobs::drop_job(tx, job);
    audit::write(tx, audit::Actor::the_operator(), kDropJob, {{"job", job}}, state_of(was),
                 audit::kNothing);
  });
  std::cout << "dropped\n";
  return 0;
}

}  // namespace stoa::app
