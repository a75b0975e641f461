#pragma once
// The database: single statements over pipelines on the shards' own loops, and transactions on a bounded pool
// of threads. Owned by the composition root; run() and transaction() may be called from any executor and answer
// on that executor.
//
//   auto room = co_await db.run(store::find_room(id));
//   auto room = co_await db.transaction([id](pg::Tx& tx) { return tx.run(store::lock_room(id)); });
//
// A pg::Query (stoa/postgres/query.hpp) stands for itself: it is sent at once on one of its shard's
// connections, no thread between. One that is slow() or locking(), and any on a context that has no pipeline, goes to the
// threads; slow ones have a quarter of them at most.
//
// A transaction's lambda is plain synchronous code, runs on a database thread, and must hold values only
// (captures by value), or what outlives the database's work: the services. It may run again after a deadlock or a
// serialisation failure, so it does nothing but to the database; what follows from the commit is left to the transaction
// (tx.on_commit(), tx.then(): <stoa/core/effects.hpp>) and is done before the caller resumes.
//
// Errors of both: Error{overloaded} at once when the queue is full, Error{db_unavailable} when the database is
// away or the work waited or ran longer than the configured time; constraint violations and QueryFailure;
// whatever the lambda throws. db_unavailable after a lost answer to something that writes means that nobody
// knows whether it happened: such work never runs again by itself. A statement that reads is repeated once, on another connection.
//
// Cancelling the coroutine that waits does not cancel the work: the coroutine ends when the
// answer is there, which the time-outs bound. When its io_context is destroyed first, the answer is
// dropped.
#include <stoa/core/task.hpp>
#include <stoa/postgres/tx.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace stoa::pg {

struct DatabaseOptions {
  std::string url;              // postgresql:// or key=value, for libpq
  std::string instance = {};    // stands behind application_name on every connection
  std::size_t connections = 8;  // threads
  std::size_t queue = 1024;     // jobs that wait, in all
  std::chrono::milliseconds queue_timeout{2000};  // a job that waited longer is refused
  // The server ends a statement after this time; 1 s later, if the server does not even say so, the
  // connection is cut. 0: no limit, for migrations.
  std::chrono::milliseconds statement_timeout{5000};
  std::chrono::milliseconds connect_timeout{3000};
  // One plan a statement whatever its parameters are, instead of planning anew where PostgreSQL
  // expects to gain by it, and never a whole table: for connections whose few statements are hot and always
  // meant for indexes.
  bool generic_plans = false;
  // Of each context that was given to attach().
  std::size_t pipelines = 2;         // connections for single statements; 0: they go to the threads
  std::size_t pipeline_depth = 256;  // statements under way on one of them
  // Of each context and Loader (stoa/postgres/loader.hpp).
  std::size_t lookups = 10'000;    // that wait to go together
  std::size_t lookup_batch = 256;  // that one statement asks for
};

// Of the threads, or of the pipelines: a connection's state; work that waits (for a pipeline: or is under way); what
// became of it.
struct DatabaseStats {
  std::size_t busy = 0, idle = 0, disconnected = 0, queued = 0;
  std::uint64_t transactions = 0, failures = 0, refused = 0;
};

namespace detail {
class RowsWaiter;
}

enum class Mode {
  transaction,  // begin ... commit, read committed
  autocommit,   // each statement by itself: one round trip, for single reads
};

// What the pool runs: exactly one of succeed() and fail() ends it.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run(Tx& tx) = 0;  // stores the result; may be called again after a retryable failure
  virtual void succeed() = 0;    // after the commit and its effects; called once, on any thread
  virtual void fail(std::exception_ptr why) = 0;  // called once, on any thread
};

class Database {
 public:
  explicit Database(DatabaseOptions options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Makes this context's pipelines, which live as long as it and the database do. Before its loop runs.
  void attach(asio::io_context& context);

  template <class Answer>
  Task<Answer> run(Query<Answer> query);
  template <class F>
  Task<std::invoke_result_t<F&, Tx&>> transaction(F work) {
    return start(std::move(work), Mode::transaction);
  }
  // For several reading statements that need not agree. Each statement stands
  // for itself: what it wrote stays written, whatever comes after.
  template <class F>
  Task<std::invoke_result_t<F&, Tx&>> read(F work) {
    return start(std::move(work), Mode::autocommit);
  }
  // For start-up, the command line and tests: runs on the pool and blocks the calling thread.
  template <class F>
  std::invoke_result_t<F&, Tx&> run_blocking(F work, Mode mode = Mode::transaction);

  // Throws Error{overloaded} when the queue is full, db_unavailable while the database is away,
  // shutting_down after stop(); the job is then not touched.
  void submit(std::shared_ptr<Job> job, Mode mode);

  bool healthy() const noexcept;  // at least one connection is up
  DatabaseStats stats() const;
  DatabaseStats pipeline_stats() const;
  // Why the last attempt to connect failed, for the log and the command line; empty when it did
  // not.
  std::string last_failure() const;
  const DatabaseOptions& options() const noexcept;
  // Refuses new work, finishes what is queued, joins the threads; statements that are under way on a pipeline are given up.
  void stop();

 private:
  template <class F>
  Task<std::invoke_result_t<F&, Tx&>> start(F work, Mode mode);
  std::shared_ptr<detail::RowsWaiter> call(Statement statement);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stoa::pg

#include <stoa/postgres/detail/database_impl.hpp>
