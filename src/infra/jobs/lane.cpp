// The part of a Lane that takes jobs; lane_run.cpp does them.
#include "infra/jobs/lane.hpp"

#include <stoa/core/log.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace stoa::jobs {
namespace {

// What is due and yet was not taken is held by another node, or by a transaction that enqueues it again, for a moment.
constexpr milliseconds kShortest{50};

}  // namespace

Lane::Lane(pg::Database& db, net::Shard& shard, WorkerId worker, const Options& options)
    : db_(db),
      shard_(shard),
      worker_(worker),
      options_(options),
      timer_(shard.context.get_executor()) {}

void Lane::add(const std::shared_ptr<Handled>& kind) {
  kinds_.emplace(kind->handler.kind, kind);
}

void Lane::start() {
  if (kinds_.empty()) return;
  asio::post(shard_.context, [self = shared_from_this()] { self->spawn(self->serve(self)); });
}

void Lane::wake() {
  if (is_wake_posted_.exchange(true)) return;
  asio::post(shard_.context, [self = shared_from_this()] {
    self->is_wake_posted_ = false;
    self->is_woken_ = true;
    self->timer_.cancel();
  });
}

void Lane::close() {
  is_closed_ = true;
  wake();
}

bool Lane::wait_until_idle(Clock::time_point end) const {
  std::unique_lock lock(mutex_);
  return ended_.wait_until(lock, end, [this] { return tasks_ == 0; });
}

void Lane::cancel() {
  asio::post(shard_.context, [self = shared_from_this()] {
    self->is_cancelled_ = true;
    // One that is cancelled may end at once.
    const auto runs = self->runs_;
    for (const auto& run : runs) self->cancel(*run, "the server stops");
  });
}

void Lane::cancel(Run& run, const char* why) {
  if (!run.why_cancelled.empty()) return;
  run.why_cancelled = why;
  run.signal.emit(asio::cancellation_type::terminal);
}

void Lane::spawn(Task<> task) {
  const auto counted = [](std::shared_ptr<Lane> self, Task<> work) -> Task<> {
    struct Leave {
      Lane& lane;
      ~Leave() {
        const std::scoped_lock lock(lane.mutex_);
        --lane.tasks_;
        lane.ended_.notify_all();
      }
    } leave{*self};
    co_await std::move(work);
  };
  {
    const std::scoped_lock lock(mutex_);
    ++tasks_;
  }
  shard_.tasks.spawn("jobs", counted(shared_from_this(), std::move(task)));
}

Task<> Lane::pause(Timer& timer, milliseconds time) {
  timer.expires_after(time);
  co_await timer.async_wait(asio::as_tuple(use_task));
}

// `self` keeps this.
Task<> Lane::serve([[maybe_unused]] std::shared_ptr<Lane> self) {
  while (!is_closed_) {
    is_woken_ = false;
    milliseconds wait = options_.poll;
    std::string failure;
    try {
      if (Clock::now() >= next_renewal_) co_await renew();
      wait = co_await take();
    } catch (const boost::system::system_error&) {
      throw;  // the shard stops
    } catch (const Error& error) {
      failure = error.message();
    } catch (const std::exception& error) {
      failure = error.what();
    }
    note(!failure.empty(), failure);
    if (is_woken_ && failure.empty()) continue;
    const auto renewal =
        std::chrono::ceil<milliseconds>(std::max(next_renewal_ - Clock::now(), Clock::duration{}));
    co_await pause(timer_, failure.empty() ? std::min(wait, renewal) : options_.poll);
  }
}

void Lane::note(bool database_is_away, const std::string& why) {
  if (std::exchange(is_away_, database_is_away) == database_is_away) return;
  if (database_is_away) {
    log::warn("jobs_wait", {{"reason", why}});
  } else {
    log::info("jobs_go_on");
  }
}

// Says that the handlers still run. Cancels those that run too long, and those whose job another process has.
Task<> Lane::renew() {
  std::vector<JobId> jobs;
  for (const auto& run : runs_) jobs.push_back(run->claim.job);
  std::unordered_set<JobId> ours;
  if (!jobs.empty()) {
    const auto renewed = co_await db_.run(store::renew_leases(worker_, jobs, options_.lease));
    ours.insert(renewed.begin(), renewed.end());
  }
  next_renewal_ = Clock::now() + options_.lease / 3;
  const auto runs = runs_;
  for (const auto& run : runs) {
    if (Clock::now() >= run->ends_at) {
      cancel(*run, "took longer than its time limit");
    } else if (!ours.contains(run->claim.job) &&
               std::find(jobs.begin(), jobs.end(), run->claim.job) != jobs.end()) {
      cancel(*run, "another process has the job");
    }
  }
}

// Answers when to look again.
Task<milliseconds> Lane::take() {
  store::Wanted wanted;
  wanted.most = options_.workers - std::min(options_.workers, runs_.size());
  // One is left to the other kinds, however long this one's handlers take.
  wanted.most_of_kind =
      kinds_.size() == 1 ? options_.workers : std::max<std::size_t>(1, options_.workers - 1);
  for (const auto& [name, kind] : kinds_) {
    if (kind->running >= static_cast<std::int64_t>(wanted.most_of_kind)) continue;
    wanted.kinds.push_back(name);
    wanted.running.push_back(kind->running);
  }
  if (wanted.most == 0 || wanted.kinds.empty()) co_return options_.poll;  // the end of one wakes us
  const auto taken = co_await db_.run(store::take_jobs(worker_, wanted, options_.lease));
  if (is_closed_) co_return milliseconds(0);  // they are given back
  for (const TakenJob& job : taken) {
    const auto& kind = kinds_.at(job.kind);
    ++kind->running;
    const auto started = std::make_shared<Run>(kind, Claim{job.id, worker_, job.attempt});
    runs_.push_back(started);
    spawn(run(shared_from_this(), started, job.payload));
  }
  if (taken.size() == wanted.most) co_return options_.poll;
  const auto next = co_await db_.run(store::find_next_due(wanted.kinds, options_.poll));
  co_return std::max(kShortest, milliseconds(next));
}

}  // namespace stoa::jobs
