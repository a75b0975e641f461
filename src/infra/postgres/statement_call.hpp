#pragma once
// A single statement that a coroutine waits for, on its way over a pipeline or, as a Job, over a database thread. Whoever
// has taken it ends it once, by succeed() or fail().
#include <stoa/postgres/database.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

namespace stoa::pg {

class StatementCall final : public detail::RowsWaiter, public Job {
 public:
  using Clock = std::chrono::steady_clock;
  using Start = void (*)(void* owner, std::shared_ptr<StatementCall> call);

  // begin() hands it to `start`, which may throw.
  StatementCall(Statement wanted, void* owner, Start start)
      : statement(std::move(wanted)), owner_(owner), start_(start) {}

  void run(Tx& tx) override {
    rows = tx.execute(statement.sql, statement.params, statement.writes, statement.is_slow);
  }
  void succeed() override { deliver(); }
  void fail(std::exception_ptr why) override {
    error = std::move(why);
    deliver();
  }

  const Statement statement;

  // The pipeline's notes.
  Clock::time_point since{};
  int attempts = 0;        // that ended in a conflict
  bool repeated = false;   // after the connection was lost
  bool replanned = false;  // after the server no longer knew the prepared statement
  bool settled = false;    // the coroutine has its answer

 private:
  void begin() override {
    const auto self = std::static_pointer_cast<StatementCall>(shared_from_this());
    try {
      start_(owner_, self);
    } catch (...) {
      fail(std::current_exception());
    }
  }

  void* const owner_;
  const Start start_;
};
using StatementCallPtr = std::shared_ptr<StatementCall>;

}  // namespace stoa::pg
