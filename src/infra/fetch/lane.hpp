#pragma once
// One purpose: what it may call, what of it waits and is under way, and its metrics.
#include "infra/fetch/policy.hpp"

#include <stoa/core/metrics.hpp>
#include <stoa/fetch/failure.hpp>
#include <stoa/fetch/fetcher.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace stoa::fetch {

struct Call;

// How a call ended, as the metrics count it: answered, by status, for a Reason, or without having been tried.
enum class Outcome { ok, client_error, server_error, overloaded, cancelled };
inline constexpr std::size_t kOutcomes = 5;

struct Lane {
  Lane(const Purpose& purpose, const config::Fetch& config, Metrics& metrics);

  void count(Outcome outcome) noexcept { outcomes[static_cast<std::size_t>(outcome)]->Increment(); }
  void count(Reason reason) noexcept { reasons[static_cast<std::size_t>(reason)]->Increment(); }

  const std::string name;
  const Policy policy;
  std::deque<std::shared_ptr<Call>> waiting;  // under the engine's mutex
  std::atomic<std::size_t> queued = 0;        // as many
  std::atomic<std::size_t> running = 0;       // changed on the engine's thread

  std::array<metrics::Counter*, kOutcomes> outcomes{};
  std::array<metrics::Counter*, kReasons> reasons{};
  metrics::Counter& connections;
  metrics::Counter& bytes;
  metrics::Histogram& seconds;
};

}  // namespace stoa::fetch
