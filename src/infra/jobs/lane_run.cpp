// The part of a Lane that does a job and says in its row how that went.
#include "infra/jobs/lane.hpp"

#include <stoa/core/log.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <random>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

namespace stoa::jobs {
namespace {

constexpr std::size_t kLongestReason = 500;  // bytes

// What a text of the database may be, whatever a library has said.
std::string as_reason(std::string_view what) {
  std::string reason(what.substr(0, kLongestReason));
  const bool is_text = is_valid_utf8(reason);
  for (char& c : reason) {
    if (c == '\0' || (!is_text && (c & 0x80) != 0)) c = '?';
  }
  return reason;
}

}  // namespace

milliseconds wait_after(const Handled& kind, int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  milliseconds wait = kind.first_wait;
  for (int i = 1; i < attempt && wait < kind.longest_wait; ++i) wait *= 2;
  const auto most = std::min(wait, kind.longest_wait).count();
  return milliseconds(std::uniform_int_distribution<std::int64_t>(most / 2, most)(random));
}

// `self` keeps this.
Task<> Lane::run([[maybe_unused]] std::shared_ptr<Lane> self, std::shared_ptr<Run> run,
                 std::string payload) {
  std::exception_ptr broken;
  try {
    co_await do_job(run, std::move(payload));
  } catch (...) {
    broken = std::current_exception();
  }
  --run->kind->running;
  runs_.remove(run);
  is_woken_ = true;
  timer_.cancel();
  if (broken)
    std::rethrow_exception(broken);  // to the log; the job is taken again when its lease is over
}

Task<> Lane::do_job(std::shared_ptr<Run> run, std::string payload) {
  const auto state = std::make_shared<AttemptState>(run->claim);
  const auto failure = co_await attempt(run, state, payload);
  if (is_cancelled_ && failure) co_return;  // given back
  co_await settle(run, state, failure);
}

Task<std::optional<Lane::Failure>> Lane::attempt(const std::shared_ptr<Run>& run,
                                                 const std::shared_ptr<AttemptState>& state,
                                                 const std::string& payload) {
  // One that takes its process along each time would otherwise be tried for ever.
  if (run->claim.attempt > static_cast<int>(run->kind->attempts)) {
    co_return Failure{"no attempt has come to an end", true};
  }
  std::optional<Failure> failure;
  try {
    co_await asio::co_spawn(shard_.context.get_executor(),
                            run->kind->handler.run(Attempt(state), payload),
                            asio::bind_cancellation_slot(run->signal.slot(), use_task));
  } catch (const Hopeless& error) {
    failure = Failure{as_reason(error.what()), true};
  } catch (const Error& error) {
    failure = Failure{as_reason(error.message())};
  } catch (const std::exception& error) {
    failure = Failure{as_reason(error.what())};
  }
  if (failure && !run->why_cancelled.empty()) failure->why = run->why_cancelled;
  co_return failure;
}

// Until the database has heard it: what was done would otherwise be done once more.
Task<> Lane::settle(const std::shared_ptr<Run>& run, const std::shared_ptr<AttemptState>& state,
                    const std::optional<Failure>& failure) {
  const std::string& kind = run->kind->handler.kind;
  const std::string job = run->claim.job.str();
  if (failure) {
    log::warn(
        "job_failed",
        {{"kind", kind}, {"job", job}, {"attempt", run->claim.attempt}, {"reason", failure->why}});
  }
  ++(failure && !state->is_finished ? run->kind->failed : run->kind->done);
  Timer timer(shard_.context.get_executor());
  while (!state->is_finished) {
    const Settled settled = co_await try_to_settle(*run, *state, failure);
    if (settled == Settled::taken_over) log::warn("job_taken_over", {{"kind", kind}, {"job", job}});
    if (settled != Settled::database_away || is_cancelled_) co_return;
    co_await pause(timer, options_.poll);
  }
}

Task<Lane::Settled> Lane::try_to_settle(const Run& run, const AttemptState& state,
                                        const std::optional<Failure>& failure) {
  const Claim& claim = run.claim;
  bool is_ours = false;
  try {
    if (!failure) {
      is_ours = co_await end_job(claim, state.again);
    } else if (failure->is_final || claim.attempt >= static_cast<int>(run.kind->attempts)) {
      is_ours = (co_await db_.run(store::park_job(claim, failure->why))).value > 0;
      if (is_ours) {
        log::error("job_parked", {{"kind", run.kind->handler.kind}, {"job", claim.job.str()}});
      }
    } else {
      const auto wait = wait_after(*run.kind, claim.attempt);
      is_ours = (co_await db_.run(store::postpone_job(claim, wait, failure->why))).value > 0;
    }
  } catch (const Error&) {
    co_return Settled::database_away;
  }
  co_return is_ours ? Settled::yes : Settled::taken_over;
}

Task<bool> Lane::end_job(const Claim& claim, std::optional<milliseconds> again) {
  if (!again) {
    const auto deleted = co_await db_.run(store::delete_done(claim));
    if (deleted.value > 0) co_return true;
  }
  const auto restarted = co_await db_.run(store::restart_done(claim, again));
  co_return restarted.value > 0;
}

}  // namespace stoa::jobs
