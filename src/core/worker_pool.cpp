#include <stoa/core/error.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/worker_pool.hpp>

#include <chrono>
#include <deque>

namespace stoa {
namespace {

Error full() {
  return Error(Code::overloaded).retry_after(std::chrono::seconds(1));
}

}  // namespace

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue) : queue_limit_(queue) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

void WorkerPool::reserve(const TurnKey& who, bool is_counted) {
  std::unique_ptr<Job> displaced;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) throw Error(Code::shutting_down);
    if (!is_counted) return;
    // A place for each idle thread beside the queue: with queue 0 work still runs when a thread is
    // free.
    if (waiting_ >= queue_limit_ + (threads_.size() - busy_)) {
      ++refused_;
      auto last = queue_.drop_last(queue_.size_of(who.outer) + 1);
      if (!last) last = queue_.drop_last_of(who.outer, queue_.size_of(who) + 1);
      if (last) displaced = std::move(*last);
      if (!displaced) throw full();
      --waiting_;
    }
    ++waiting_;
  }
  if (displaced) displaced->refuse(std::make_exception_ptr(full()));
}

void WorkerPool::submit(const TurnKey& who, std::unique_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      queue_.push(who, std::move(job));
      wake_.notify_one();
      return;
    }
    if (job->is_counted) --waiting_;
  }
  job->refuse(std::make_exception_ptr(Error(Code::shutting_down)));
}

void WorkerPool::post(std::function<void()> work) {
  auto job = std::make_unique<Posted>(std::move(work));
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      queue_.push(TurnKey{}, std::move(job));
      wake_.notify_one();
      return;
    }
  }
  job->run();
}

void WorkerPool::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    auto job = queue_.pop();
    if (job->is_counted) --waiting_;
    ++busy_;
    lock.unlock();
    job->run();
    job.reset();
    lock.lock();
    --busy_;
    ++done_;
  }
}

WorkerPoolStats WorkerPool::stats() const {
  const std::lock_guard lock(mutex_);
  return {threads_.size(), busy_, queue_.size(), done_, refused_};
}

void WorkerPool::stop() {
  std::deque<std::unique_ptr<Job>> refused;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    while (!queue_.empty()) {
      refused.push_back(queue_.pop());
      if (refused.back()->is_counted) --waiting_;
    }
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  for (auto& job : refused) job->refuse(std::make_exception_ptr(Error(Code::shutting_down)));
}

void observe_workers(Metrics& metrics, const WorkerPool& pool, const std::string& name) {
  const metrics::Labels labels = {{"pool", name}};
  metrics.observe(
      "stoa_workers_queue", "Work beside the event loops that waits for a thread",
      [&pool] { return static_cast<double>(pool.stats().queued); }, labels);
  metrics.observe(
      "stoa_workers_busy", "Threads at such work",
      [&pool] { return static_cast<double>(pool.stats().busy); }, labels);
  metrics.observe_total(
      "stoa_workers_done_total", "Pieces of such work done",
      [&pool] { return static_cast<double>(pool.stats().done); }, labels);
  metrics.observe_total(
      "stoa_workers_refused_total", "Pieces refused because the queue was full",
      [&pool] { return static_cast<double>(pool.stats().refused); }, labels);
}

}  // namespace stoa
