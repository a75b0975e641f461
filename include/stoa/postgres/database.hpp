#pragma once
// The bounded pool of database threads, each with its own connection and prepared statements. Owned
// by the composition root; transaction() may be called from any executor and answers on that
// executor.
//
//   auto room = co_await db.transaction([id](pg::Tx& tx) { return rooms::get_room(tx, id); });
//
// The lambda is plain synchronous code, runs on a database thread, and must hold values only
// (captures by value). It may run again after a deadlock or a serialisation failure, so it has no
// effects but those in the database. Errors: Error{overloaded} at once when the queue is full,
// Error{db_unavailable} when the database is away or the work waited or ran longer than the
// configured time; whatever the lambda throws. db_unavailable after a lost commit means that nobody
// knows whether it happened: such work never runs again by itself.
//
// Cancelling the coroutine that waits does not cancel the transaction: the coroutine ends when the
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
  std::string url;                                // postgresql:// or key=value, for libpq
  std::size_t connections = 8;                    // threads
  std::size_t queue = 1024;                       // jobs that wait, in all
  std::chrono::milliseconds queue_timeout{2000};  // a job that waited longer is refused
  // The server ends a statement after this time; 1 s later, if the server does not even say so, the
  // connection is cut. 0: no limit, for migrations.
  std::chrono::milliseconds statement_timeout{5000};
  std::chrono::milliseconds connect_timeout{3000};
  // One plan a statement whatever its parameters are, instead of planning anew where PostgreSQL
  // expects to gain by it, and never a whole table: for connections whose few statements are hot and always
  // meant for indexes.
  bool generic_plans = false;
};

struct DatabaseStats {
  std::size_t busy = 0, idle = 0, disconnected = 0, queued = 0;
  std::uint64_t transactions = 0, failures = 0, refused = 0;
};

enum class Mode {
  transaction,  // begin ... commit, read committed
  autocommit,   // each statement by itself: one round trip, for single reads
};

// What the pool runs: exactly one of run() that returns, or fail(), ends it.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run(Tx& tx) = 0;  // stores the result; may be called again after a retryable failure
  virtual void succeed() = 0;    // after the commit; called once
  virtual void fail(std::exception_ptr why) = 0;  // called once, on any thread
};

class Database {
 public:
  explicit Database(DatabaseOptions options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  template <class F>
  Task<std::invoke_result_t<F&, Tx&>> transaction(F work) {
    return start(std::move(work), Mode::transaction);
  }
  // For work that is one reading statement, or several that need not agree. Each statement stands
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
  // Why the last attempt to connect failed, for the log and the command line; empty when it did
  // not.
  std::string last_failure() const;
  const DatabaseOptions& options() const noexcept;
  // Refuses new work, finishes what is queued, joins the threads.
  void stop();

 private:
  template <class F>
  Task<std::invoke_result_t<F&, Tx&>> start(F work, Mode mode);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stoa::pg

#include <stoa/postgres/detail/database_impl.hpp>
