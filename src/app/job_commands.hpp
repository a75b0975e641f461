#pragma once
// `stoa jobs`: what an operator sees of the jobs and does to them. As in commands.hpp.
#include <stoa/core/config.hpp>
#include <stoa/jobs/operate.hpp>

#include <optional>
#include <string>

namespace stoa::app {

struct JobListing {
  std::optional<std::string> kind;
  bool parked = false;  // only those
  int limit = 100;
};
int list_jobs(const Config& config, const JobListing& listing);
int retry_job(const Config& config, const std::string& id);
// All parked ones of that kind, each in a transaction of its own.
int retry_parked(const Config& config, const std::string& kind);
int drop_job(const Config& config, const std::string& id);

}  // namespace stoa::app
