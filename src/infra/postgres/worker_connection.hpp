#pragma once
// One connection to PostgreSQL and its prepared statements. Belongs to one database thread, which
// alone runs jobs on it; disturbed() and cut_if_overdue() are for the pool's ticker.
//
// A server that is frozen never answers, and libpq waits for it without end. So each round trip has
// a deadline, and the ticker shuts the socket down when it has passed: the waiting call then fails.
#include "infra/postgres/commit_order.hpp"

#include <stoa/postgres/database.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/transaction_base>

namespace stoa::pg {

// How one run of a job ended. For all but `done` and `failed` nothing was committed, except that
// `in_doubt` cannot tell.
struct Outcome {
  enum class Kind {
    done,         // committed
    failed,       // the lambda threw, or a statement is wrong: `why` goes to the caller
    conflict,     // a deadlock or a serialisation failure
    lost,         // the connection broke
    in_doubt,     // it broke while committing
    unavailable,  // the server is there but cannot, or took too long
  };
  Kind kind = Kind::done;
  std::exception_ptr why = nullptr;
  // Of a transaction with effects that was committed, or may have been.
  Aftermath aftermath = {};
};

class WorkerConnection {
 public:
  using Clock = std::chrono::steady_clock;
  // More different statements than this share the room: the least recently used are forgotten.
  static constexpr std::size_t kMaxPrepared = 256;
  // What the server gets beyond statement_timeout to say that it has passed.
  static constexpr std::chrono::milliseconds kCutMargin{1000};

  // Connects. Throws std::runtime_error with one line that says why not. `order` outlives it.
  WorkerConnection(const DatabaseOptions& options, CommitOrder& order);
  ~WorkerConnection();
  WorkerConnection(const WorkerConnection&) = delete;
  WorkerConnection& operator=(const WorkerConnection&) = delete;

  Outcome run(Job& job, Mode mode);
  bool open() const noexcept { return connection_.is_open(); }

  // While no job runs: the server has closed the connection or said something unasked. Any thread.
  bool disturbed() const noexcept;
  // Any thread.
  void cut_if_overdue(Clock::time_point now) noexcept;

 private:
  friend class StatementTx;
  class Deadline;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Prepared {
    std::string name;
    std::uint64_t last_used;
  };

  Outcome attempt(Job& job, Mode mode);
  void roll_back(pqxx::transaction_base& transaction) noexcept;
  // The prepared statement's name; prepares it the first time.
  const std::string& prepared(std::string_view sql);
  void forget_least_recently_used();

  CommitOrder& order_;
  const std::chrono::milliseconds patience_;  // for one round trip; 0: none
  pqxx::connection connection_;
  std::unique_ptr<pqxx::errorhandler> handler_;  // see configure()
  int socket_ =
      -1;  // a duplicate, so that it is ours to shut down even after libpq has closed its own
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> prepared_;
  std::uint64_t uses_ = 0;
  std::uint64_t names_ = 0;

  std::mutex mutex_;  // guards the two below
  std::optional<Clock::time_point> deadline_;
  bool cut_ = false;
};

}  // namespace stoa::pg
