#pragma once
// What is done every so often: rows that have had their day would otherwise stay for ever. A chore is a job
// (<stoa/jobs/job.hpp>) that is enqueued at the start of each node and by itself, so one node does it at a time, it is tried
// again when it fails, and shows in the metrics and in `stoa jobs list` by its name.
#include <stoa/postgres/tx.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace stoa::jobs {

struct Chore {
  std::string_view name;  // a kind of job: "ended_sign_ins"
  // Takes away at most `most` of what is due, and says how many. Each slice is a transaction of its own, so that a long
  // absence is made up for without holding locks for long; while there are as many as `most`, the next slice follows when
  // other chores had their turn and as much time has passed as this one took.
  std::function<std::int64_t(pg::Tx& tx, int most)> tidy;
  std::optional<std::chrono::milliseconds> every = {};  // else jobs.chore_interval
};
using Chores = std::vector<Chore>;

}  // namespace stoa::jobs
