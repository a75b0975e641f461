#include "infra/jobs/queue_impl.hpp"

#include <stoa/core/log.hpp>

#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace stoa::jobs {
namespace {

// For handlers that end when they are cancelled.
constexpr milliseconds kCancelGrace{1000};

// By value: the database runs what it was given to its end, whatever becomes of the coroutine.
Task<> do_slice(pg::Database& db, Chore chore, int most, milliseconds every, Attempt attempt) {
  const auto began = Clock::now();
  auto work = [tidy = std::move(chore.tidy), most](pg::Tx& tx) { return tidy(tx, most); };
  const std::int64_t done = co_await db.transaction(std::move(work));
  attempt.again_after(done < most ? every : std::chrono::ceil<milliseconds>(Clock::now() - began));
}

}  // namespace

Queue::Impl::Impl(pg::Database& db, net::Runtime& runtime, const config::Jobs& config)
    : db_(db),
      shard_(runtime.shard(0)),
      config_(config),
      jobs_(std::make_shared<Lane>(db, shard_, worker_,
                                   Lane::Options{config.workers, config.poll, config.lease})),
      chore_lane_(std::make_shared<Lane>(db, shard_, worker_,
                                         Lane::Options{1, config.poll, config.lease})) {}

void Queue::Impl::add(Handler handler, Lane& lane) {
  const Policy policy = handler.policy;
  const auto added = std::make_shared<Handled>();
  if (!handled_.emplace(handler.kind, added).second) {
    throw std::logic_error("a kind of job is handled twice: " + handler.kind);
  }
  Handled& kind = *added;
  kind.handler = std::move(handler);
  kind.attempts = policy.attempts.value_or(config_.attempts);
  kind.first_wait = policy.first_wait.value_or(config_.first_wait);
  kind.longest_wait = policy.longest_wait.value_or(config_.longest_wait);
  kind.time_limit = policy.time_limit.value_or(config_.time_limit);
  lane.add(added);
}

void Queue::Impl::add(const Chore& chore) {
  const milliseconds every = chore.every.value_or(config_.chore_interval);
  const int most = static_cast<int>(config_.chore_slice);
  auto run = [this, chore, most, every](Attempt attempt, const std::string&) {
    return do_slice(db_, chore, most, every, std::move(attempt));
  };
  // It is tried again as long as it takes, so that it comes to an end once its cause is gone.
  constexpr std::size_t kWithoutEnd = std::numeric_limits<int>::max();
  add({std::string(chore.name), {.attempts = kWithoutEnd, .longest_wait = every}, std::move(run)},
      *chore_lane_);
  chores_.emplace_back(chore.name);
}

void Queue::Impl::enqueue(pg::Tx& tx, std::string_view kind, const std::string& payload,
                          const When& when) {
  // First, since it refuses what is no transaction.
  tx.then([lane = jobs_] { lane->wake(); });
  tx.run(store::insert_job(JobId::make(), kind, payload, when));
}

void Queue::Impl::start() {
  jobs_->start();
  chore_lane_->start();
  asio::post(shard_.context, [self = shared_from_this()] {
    self->shard_.tasks.spawn("counting of jobs", self->count(self));
  });
}

void Queue::Impl::close() {
  jobs_->close();
  chore_lane_->close();
}

void Queue::Impl::stop(milliseconds longest) {
  close();
  const auto are_idle = [lanes = std::array{jobs_, chore_lane_}](milliseconds time) {
    const auto end = Clock::now() + time;
    bool all = true;
    for (const auto& lane : lanes) all = lane->wait_until_idle(end) && all;
    return all;
  };
  if (!are_idle(longest)) {
    for (const auto& lane : {jobs_, chore_lane_}) lane->cancel();
    if (!are_idle(kCancelGrace)) log::warn("jobs_cut");
  }
  try {
    db_.run_blocking([worker = worker_](pg::Tx& tx) { tx.run(store::give_back(worker)); });
  } catch (const std::exception& error) {  // then they are taken again when their lease is over
    log::warn("jobs_not_given_back", {{"reason", error.what()}});
  }
}

// `self` keeps this.
Task<> Queue::Impl::count([[maybe_unused]] std::shared_ptr<Impl> self) {
  Timer timer(shard_.context.get_executor());
  for (bool is_announced = false;;) {
    try {
      if (!is_announced) co_await announce_chores();
      is_announced = true;
      const auto tallies = co_await db_.run(store::tally_jobs());
      remember(tallies);
    } catch (const boost::system::system_error&) {
      throw;  // the shard stops
    } catch (const std::exception& error) {
      log::debug("jobs_not_counted", {{"reason", error.what()}});
    }
    timer.expires_after(config_.lease / 3);
    co_await timer.async_wait(use_task);
  }
}

// They are done at each start, and by themselves from then on.
Task<> Queue::Impl::announce_chores() {
  if (chores_.empty()) co_return;
  auto work = [chores = chores_, lane = chore_lane_](pg::Tx& tx) {
    for (const auto& chore : chores) {
      tx.run(store::insert_job(JobId::make(), chore, "{}", {.key = chore}));
    }
    tx.then([lane] { lane->wake(); });
  };
  co_await db_.transaction(std::move(work));
}

void Queue::Impl::remember(const std::vector<Tally>& tallies) {
  const std::scoped_lock lock(mutex_);
  tallies_.clear();
  for (const Tally& one : tallies) {
    Tally& sum = tallies_[handled_.contains(one.kind) ? one.kind : std::string()];
    sum.waiting += one.waiting;
    sum.running += one.running;
    sum.parked += one.parked;
    sum.oldest_seconds = std::max(sum.oldest_seconds, one.oldest_seconds);
  }
}

std::vector<std::string> Queue::Impl::kinds() const {
  std::vector<std::string> names;
  for (const auto& [name, kind] : handled_) names.push_back(name);
  return names;
}

KindStats Queue::Impl::stats(const std::string& name) const {
  KindStats stats;
  const auto kind = handled_.find(name);
  if (kind != handled_.end()) {
    stats.done = kind->second->done;
    stats.failed = kind->second->failed;
  }
  const std::scoped_lock lock(mutex_);
  const auto found = tallies_.find(kind != handled_.end() ? name : std::string());
  if (found == tallies_.end()) return stats;
  stats.waiting = found->second.waiting;
  stats.running = found->second.running;
  stats.parked = found->second.parked;
  stats.oldest_seconds = found->second.oldest_seconds;
  return stats;
}

}  // namespace stoa::jobs
