#include "infra/postgres/address.hpp"
#include "infra/postgres/backoff.hpp"
#include "infra/postgres/failures.hpp"
#include "infra/postgres/pipeline.hpp"
#include "infra/postgres/statement_call.hpp"
#include "infra/postgres/work_queue.hpp"
#include "infra/postgres/worker_connection.hpp"

#include <stoa/core/log.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/postgres/ticker.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include <pthread.h>
#include <sched.h>

namespace stoa::pg {
namespace {

using Clock = WorkQueue::Clock;
using Kind = Outcome::Kind;
using std::chrono::milliseconds;

constexpr int kAttempts = 4;  // the first and three more
using Work = WorkQueue::Work;

// How a job ended for good.
struct Settled {
  std::exception_ptr failure = nullptr;  // empty: it is done and committed
  Aftermath aftermath = {};
};

struct Worker {
  std::unique_ptr<WorkerConnection>
      connection;  // replaced under the pool's lock, since the ticker looks in
  bool busy = false;
  bool disturbed = false;  // the ticker saw something arrive while idle
  Backoff backoff;
  std::thread thread;
};

}  // namespace

struct Database::Impl {
  explicit Impl(DatabaseOptions wanted);

  void stop();
  void submit(std::shared_ptr<Job> job, Mode mode, bool is_slow = false, const TurnKey& who = {});
  DatabaseStats stats() const;
  void attach(asio::io_context& context);
  void start(StatementCallPtr call);

  void serve(Worker& worker);
  bool connect(Worker& worker);
  void drop(Worker& worker);
  bool nothing_left() const;
  void let_the_other_finish(int attempt);
  bool wait_to_reconnect(Worker& worker);
  std::optional<Work> take(Worker& worker);
  void run(Worker& worker, Work& work);
  Settled carry_out(Worker& worker, Work& work);
  void tick();
  void refuse_all(const WorkQueue::Works& works, const Code& why = Code::db_unavailable);

  const DatabaseOptions options;
  CommitOrder order;
  mutable std::mutex mutex;
  std::condition_variable work_came;   // waited for by those with a connection
  std::condition_variable retry_time;  // by those without
  WorkQueue queue;
  std::vector<std::unique_ptr<Worker>> workers;
  std::size_t connected = 0;
  bool away = false;  // nobody is connected, and the last attempt has failed
  bool stopping = false;
  std::string last_failure;

  std::atomic<std::uint64_t> transactions{0}, failures{0}, refused{0};
  std::unique_ptr<Ticker> ticker;

  struct Attached {
    const asio::io_context* context;
    std::shared_ptr<Pipeline> pipeline;
  };
  std::unique_ptr<Connector> connector;  // the pipelines'
  std::vector<Attached> attached;        // as it is before the loops run
};

Database::Impl::Impl(DatabaseOptions wanted)
    : options(std::move(wanted)), queue(options.connections, options.queue) {
  connection_string(options);  // a wrong address is found now and not in a thread
  if (options.connections == 0) throw std::invalid_argument("the database needs a connection");
  for (std::size_t i = 0; i < options.connections; ++i)
    workers.push_back(std::make_unique<Worker>());
  for (auto& worker : workers) {
    worker->thread = std::thread([this, &worker = *worker] { serve(worker); });
    pthread_setname_np(worker->thread.native_handle(), "database");
    // Where threads share a core: a loop that hands work over, or an answer that arrives, does not
    // interrupt who runs. Then jobs gather, and a core spends less on changing threads. Refused: as before.
    const sched_param unused{};
    pthread_setschedparam(worker->thread.native_handle(), SCHED_BATCH, &unused);
  }
  auto shortest = options.queue_timeout;
  if (options.statement_timeout.count() > 0) {
    shortest = std::min(shortest, options.statement_timeout);
  }
  ticker = std::make_unique<Ticker>(Ticker::period_for(shortest), [this] { tick(); });
}

void Database::Impl::stop() {
  for (const auto& [context, pipeline] : attached) pipeline->stop();
  if (connector) connector->stop();
  {
    const std::scoped_lock lock(mutex);
    stopping = true;
  }
  work_came.notify_all();
  retry_time.notify_all();
  for (auto& worker : workers) {
    if (worker->thread.joinable()) worker->thread.join();
  }
  // The ticker goes last: until then it ends what hangs.
  ticker.reset();
  refuse_all(queue.take_all());
}

void Database::Impl::submit(std::shared_ptr<Job> job, Mode mode, bool is_slow, const TurnKey& who) {
  WorkQueue::Works displaced;
  {
    const std::scoped_lock lock(mutex);
    if (stopping) throw Error(Code::shutting_down);
    if (away) {
      ++refused;
      std::rethrow_exception(refusal(Code::db_unavailable));
    }
    const auto* const own = job.get();
    if (auto left = queue.push({std::move(job), mode, is_slow, who, Clock::now()})) {
      if (left->job.get() == own) {
        ++refused;
        std::rethrow_exception(refusal(Code::overloaded));
      }
      displaced.push_back(std::move(*left));
    }
  }
  work_came.notify_one();
  refuse_all(displaced, Code::overloaded);
}

void Database::Impl::attach(asio::io_context& context) {
  if (options.pipelines == 0) return;
  if (!connector) connector = std::make_unique<Connector>(connection_string(options));
  std::erase_if(attached, [&](const Attached& old) { return old.context == &context; });
  attached.push_back({&context, Pipeline::make(context, options, *connector)});
}

void Database::Impl::start(StatementCallPtr call) {
  const asio::io_context* const context = &call->inbox()->context();
  if (!call->statement.is_slow && !call->statement.locks) {
    for (const auto& [known, pipeline] : attached) {
      if (known == context && pipeline->submit(call)) return;
    }
  }
  const bool is_slow = call->statement.is_slow;
  const TurnKey who = call->statement.who;
  submit(std::move(call), Mode::autocommit, is_slow, who);
}

void Database::Impl::serve(Worker& worker) {
  for (;;) {
    if (!worker.connection) {
      if (nothing_left()) return;
      if (!connect(worker)) {
        if (!wait_to_reconnect(worker)) return;
        continue;
      }
    }
    auto work = take(worker);
    if (work) {
      run(worker, *work);
    } else if (worker.connection) {
      return;  // stopping, and nothing is left to do
    }
  }
}

bool Database::Impl::connect(Worker& worker) {
  std::unique_ptr<WorkerConnection> connection;
  std::string why;
  try {
    connection = std::make_unique<WorkerConnection>(options, order);
  } catch (const std::exception& e) {
    why = e.what();
  }
  WorkQueue::Works hopeless;
  bool changed = false;
  {
    const std::scoped_lock lock(mutex);
    if (connection) {
      worker.connection = std::move(connection);
      worker.disturbed = false;
      ++connected;
      changed = std::exchange(away, false);
      last_failure.clear();
    } else {
      last_failure = why;
      if (connected == 0) {
        changed = !std::exchange(away, true);
        hopeless = queue.take_all();
      }
    }
  }
  if (changed && !why.empty()) log::error("database_away", {{"reason", why}});
  if (changed && why.empty()) log::info("database_back");
  refuse_all(hopeless);
  if (why.empty()) worker.backoff.reset();
  return why.empty();
}

void Database::Impl::drop(Worker& worker) {
  std::unique_ptr<WorkerConnection> old;
  const std::scoped_lock lock(mutex);
  if (!worker.connection) return;
  old = std::move(worker.connection);
  --connected;
}

// Run again at once, the victim of a deadlock may meet the same winner in the same place.
void Database::Impl::let_the_other_finish(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const milliseconds wait(std::uniform_int_distribution<int>(1, 10 * attempt)(random));
  std::unique_lock lock(mutex);
  retry_time.wait_for(lock, wait, [this] { return stopping; });
}

bool Database::Impl::nothing_left() const {
  const std::scoped_lock lock(mutex);
  return stopping && queue.empty();
}

bool Database::Impl::wait_to_reconnect(Worker& worker) {
  const auto wait = worker.backoff.next();
  std::unique_lock lock(mutex);
  return !retry_time.wait_for(lock, wait, [this] { return stopping; });
}

// Empty with a connection: the end. Empty without: the connection has gone while idle.
std::optional<Work> Database::Impl::take(Worker& worker) {
  std::unique_lock lock(mutex);
  const auto nothing_more = [&] { return stopping && queue.empty(); };
  work_came.wait(lock, [&] { return nothing_more() || worker.disturbed || queue.ready(); });
  if (worker.disturbed || (queue.ready() && worker.connection->disturbed())) {
    lock.unlock();
    drop(worker);
    work_came.notify_one();  // whatever woke this thread is for another one
    return std::nullopt;
  }
  if (!queue.ready()) return std::nullopt;
  Work work = queue.pop();
  worker.busy = true;
  return work;
}

void Database::Impl::run(Worker& worker, Work& work) {
  Settled settled = carry_out(worker, work);
  {
    const std::scoped_lock lock(mutex);
    worker.busy = false;
    queue.ended(work);
  }
  if (work.is_slow)
    work_came.notify_all();  // another one may begin; or, while stopping, this was the last
  ++(settled.failure ? failures : transactions);
  settled.aftermath.settle(!settled.failure, [job = std::move(work.job), why = settled.failure] {
    if (why) {
      job->fail(why);
    } else {
      job->succeed();
    }
  });
}

Settled Database::Impl::carry_out(Worker& worker, Work& work) {
  for (int attempt = 1;; ++attempt) {
    if (!worker.connection && !connect(worker)) return {refusal(Code::db_unavailable)};
    Outcome outcome = worker.connection->run(*work.job, work.mode);
    if (!worker.connection->open()) drop(worker);
    const bool last = attempt == kAttempts;
    switch (outcome.kind) {
      case Kind::done:
        return {nullptr, std::move(outcome.aftermath)};
      case Kind::failed:
        return {outcome.why};
      case Kind::conflict:
        if (last) return {refusal(Code::overloaded)};
        let_the_other_finish(attempt);
        break;
      case Kind::lost:
        if (last) return {refusal(Code::db_unavailable)};
        break;
      case Kind::in_doubt:
      case Kind::unavailable:
        log::warn("database_failed",
                  {{"in_doubt", outcome.kind == Kind::in_doubt}, {"reason", text_of(outcome.why)}});
        return {refusal(Code::db_unavailable), std::move(outcome.aftermath)};
    }
  }
}

void Database::Impl::tick() {
  const auto now = Clock::now();
  WorkQueue::Works late;
  bool disturbed = false;
  {
    const std::scoped_lock lock(mutex);
    late = queue.take_late(now, options.queue_timeout);
    for (auto& worker : workers) {
      if (!worker->connection) continue;
      worker->connection->cut_if_overdue(now);
      if (worker->busy || worker->disturbed) continue;
      worker->disturbed = worker->connection->disturbed();
      disturbed = disturbed || worker->disturbed;
    }
  }
  if (disturbed) work_came.notify_all();
  refuse_all(late);
}

void Database::Impl::refuse_all(const WorkQueue::Works& works, const Code& why) {
  refused += works.size();
  for (const auto& work : works) work.job->fail(refusal(why));
}

DatabaseStats Database::Impl::stats() const {
  DatabaseStats stats;
  const std::scoped_lock lock(mutex);
  stats.busy = static_cast<std::size_t>(
      std::count_if(workers.begin(), workers.end(), [](const auto& w) { return w->busy; }));
  stats.disconnected = workers.size() - connected;
  stats.idle = workers.size() - std::min(workers.size(), stats.busy + stats.disconnected);
  stats.queued = queue.size();
  stats.transactions = transactions;
  stats.failures = failures;
  stats.refused = refused;
  return stats;
}

Database::Database(DatabaseOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Database::~Database() {
  stop();
}

void Database::attach(asio::io_context& context) {
  impl_->attach(context);
}

std::shared_ptr<detail::RowsWaiter> Database::call(Statement statement) {
  const auto start = [](void* impl, StatementCallPtr call) {
    static_cast<Impl*>(impl)->start(std::move(call));
  };
  return std::make_shared<StatementCall>(std::move(statement), impl_.get(), start);
}

void Database::submit(std::shared_ptr<Job> job, Mode mode) {
  impl_->submit(std::move(job), mode);
}

bool Database::healthy() const noexcept {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->connected > 0;
}

DatabaseStats Database::stats() const {
  return impl_->stats();
}

DatabaseStats Database::pipeline_stats() const {
  DatabaseStats all;
  for (const auto& [context, pipeline] : impl_->attached) {
    const DatabaseStats one = pipeline->stats();
    all.busy += one.busy;
    all.idle += one.idle;
    all.disconnected += one.disconnected;
    all.queued += one.queued;
    all.transactions += one.transactions;
    all.failures += one.failures;
    all.refused += one.refused;
  }
  return all;
}

std::string Database::last_failure() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->last_failure;
}

const DatabaseOptions& Database::options() const noexcept {
  return impl_->options;
}

void Database::stop() {
  impl_->stop();
}

}  // namespace stoa::pg
