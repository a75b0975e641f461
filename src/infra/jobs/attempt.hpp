#pragma once
// What an Attempt refers to: how its handler has left the job.
#include "infra/jobs/jobs_store.hpp"

#include <atomic>
#include <chrono>
#include <optional>

namespace stoa::jobs {

struct AttemptState {
  explicit AttemptState(const Claim& c) : claim(c) {}

  const Claim claim;
  std::optional<std::chrono::milliseconds> again;  // on the shard
  std::atomic<bool> is_finished = false;           // set once that is committed
};

}  // namespace stoa::jobs
