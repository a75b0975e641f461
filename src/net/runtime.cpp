#include <stoa/core/log.hpp>
#include <stoa/net/runtime.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <string>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <pthread.h>

namespace stoa::net {
namespace {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

constexpr auto kProbeInterval = std::chrono::milliseconds(250);
constexpr auto kCancelGrace = std::chrono::seconds(2);

Task<> probe_lag(Shard* shard) {
  Timer timer(shard->context.get_executor());
  for (;;) {
    timer.expires_after(kProbeInterval);
    co_await timer.async_wait(use_task);
    const auto late = Clock::now() - timer.expiry();
    shard->lag_ns.store(std::chrono::nanoseconds(late).count(), std::memory_order_relaxed);
  }
}

void run(Shard& shard) {
  const std::string name = "shard-" + std::to_string(shard.index);
  pthread_setname_np(pthread_self(), name.c_str());
  for (;;) {
    try {
      shard.context.run();
      return;
    } catch (const std::exception& e) {
      // A bare handler threw; the other connections of the shard go on.
      log::error("handler_failed", {{"shard", shard.index}, {"reason", e.what()}});
    }
  }
}

// The shards whose task has not ended; shared, since a late one may outlive the wait.
struct Pending {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t count = 0;
};

Task<> run_and_report(Task<> task, std::shared_ptr<Pending> pending) {
  co_await std::move(task);
  const std::lock_guard lock(pending->mutex);
  --pending->count;
  pending->changed.notify_all();
}

}  // namespace

Shard::Shard(std::uint32_t number)
    : index(number), context(1), tasks(context.get_executor()), turns(context.get_executor()) {}

Runtime::Runtime(std::size_t shards, std::size_t max_waiting_bytes) {
  if (shards == 0) shards = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(static_cast<std::uint32_t>(i)));
    shards_.back()->waiting.limit(shards_.back()->context, max_waiting_bytes / shards);
  }
}

Runtime::~Runtime() {
  stop();
}

void Runtime::start() {
  for (auto& shard : shards_) {
    guards_.emplace_back(shard->context.get_executor());
    shard->tasks.spawn("lag probe", probe_lag(shard.get()));
    threads_.emplace_back(run, std::ref(*shard));
  }
}

void Runtime::on_every_shard(const std::function<void(Shard&)>& work) {
  if (threads_.empty()) {
    for (auto& shard : shards_) work(*shard);
    return;
  }
  std::latch done(static_cast<std::ptrdiff_t>(shards_.size()));
  for (auto& shard : shards_) {
    asio::post(shard->context, [&work, &done, target = shard.get()] {
      work(*target);
      done.count_down();
    });
  }
  done.wait();
}

bool Runtime::await_every_shard(std::chrono::milliseconds longest,
                                const std::function<Task<>(Shard&)>& task) {
  if (threads_.empty()) return true;
  const auto pending = std::make_shared<Pending>();
  pending->count = shards_.size();
  on_every_shard([&](Shard& shard) {
    asio::co_spawn(shard.context, run_and_report(task(shard), pending), asio::detached);
  });
  std::unique_lock lock(pending->mutex);
  return pending->changed.wait_for(lock, longest, [&] { return pending->count == 0; });
}

void Runtime::stop() {
  if (threads_.empty()) return;
  on_every_shard([](Shard& shard) { shard.tasks.cancel(); });
  if (!await_every_shard(kCancelGrace, [](Shard& shard) { return shard.tasks.wait(); })) {
    log::warn("tasks_left", {});
  }
  guards_.clear();
  for (auto& shard : shards_) shard->context.stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace stoa::net
