#include "app/job_commands.hpp"

#include "app/database_options.hpp"

#include <stoa/core/time.hpp>

#include <iostream>

namespace stoa::app {
namespace {

jobs::JobId id_of(const std::string& text) {
  const auto id = jobs::JobId::parse(text);
  if (!id) throw ConfigError("'" + text + "' is not a job's id");
  return *id;
}

// What handlers and libraries have said may hold anything, as far as a terminal is concerned.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return text;
}

void print(const jobs::ListedJob& job) {
  std::cout << job.id.str() << "  " << job.state << "  " << job.kind << "  attempts "
            << job.attempts << "  due " << to_rfc3339(job.due_at);
  if (job.key) std::cout << "  key " << one_line(*job.key);
  if (job.last_error) std::cout << "  " << one_line(*job.last_error);
  std::cout << "\n";
}

void change_job(const Config& config, const std::string& id,
                void (*change)(pg::Tx& tx, jobs::JobId job)) {
  const auto job = id_of(id);
  pg::Database db(one_connection(config));
  db.run_blocking([job, change](pg::Tx& tx) { change(tx, job); });
}

}  // namespace

int list_jobs(const Config& config, const JobListing& listing) {
  pg::Database db(one_connection(config));
  // One more, to know whether there are more.
  auto listed = db.run_blocking([&listing](pg::Tx& tx) {
    return jobs::list_jobs(tx, listing.kind, listing.parked, listing.limit + 1);
  });
  const auto limit = static_cast<std::size_t>(listing.limit);
  const bool is_cut = listed.size() > limit;
  if (is_cut) listed.resize(limit);
  for (const auto& job : listed) print(job);
  if (listed.empty()) std::cout << "there are no such jobs\n";
  if (is_cut) std::cout << "and more: --limit shows them\n";
  return 0;
}

int retry_job(const Config& config, const std::string& id) {
  change_job(config, id, &jobs::retry_job);
  std::cout << "due now; a running server takes it within jobs.poll\n";
  return 0;
}

int drop_job(const Config& config, const std::string& id) {
  change_job(config, id, &jobs::drop_job);
  std::cout << "dropped\n";
  return 0;
}

}  // namespace stoa::app
