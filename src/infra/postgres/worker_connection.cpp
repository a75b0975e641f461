#include "infra/postgres/worker_connection.hpp"

#include "infra/postgres/address.hpp"
#include "infra/postgres/failures.hpp"
#include "infra/postgres/libpqxx.hpp"

#include <stoa/postgres/query.hpp>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>
#include <sys/socket.h>
#include <unistd.h>

namespace stoa::pg {
namespace {

class ResultRows final : public Rows {
 public:
  explicit ResultRows(const pqxx::result& result)
      : result_(result), columns_(static_cast<std::size_t>(result.columns())) {}  // a handle

  std::size_t size() const override { return static_cast<std::size_t>(result_.size()); }
  std::size_t columns() const override { return columns_; }
  std::int64_t affected() const override {
    return static_cast<std::int64_t>(result_.affected_rows());
  }
  std::optional<std::string_view> at(std::size_t row, std::size_t column) const override {
    if (column >= columns_) {
      throw std::logic_error("a statement returns fewer columns than its row type has");
    }
    const auto& field = field_at(row, column);
    if (field->is_null()) return std::nullopt;
    return std::string_view(field->c_str(), field->size());
  }

 private:
  // The iterator to the row's last field is kept and moved on: making one counts four shared handles up and down.
  const pqxx::row::const_iterator& field_at(std::size_t row, std::size_t column) const {
    using Step = pqxx::row::const_iterator::difference_type;
    if (!field_ || row != row_) {
      field_.emplace(result_[static_cast<pqxx::result::size_type>(row)].begin());
      row_ = row;
      column_ = 0;
    }
    *field_ += static_cast<Step>(column) - static_cast<Step>(column_);
    column_ = column;
    return *field_;
  }

  pqxx::result result_;
  std::size_t columns_;
  mutable std::optional<pqxx::row::const_iterator> field_;  // at row_ and column_
  mutable std::size_t row_ = 0;
  mutable std::size_t column_ = 0;
};

std::unique_ptr<pqxx::transaction_base> begin(pqxx::connection& connection, Mode mode) {
  if (mode == Mode::autocommit) return std::make_unique<pqxx::nontransaction>(connection);
  return std::make_unique<pqxx::work>(connection);
}

}  // namespace

// Held around each round trip.
class WorkerConnection::Deadline {
 public:
  explicit Deadline(WorkerConnection& connection) : connection_(connection) {
    if (connection_.patience_.count() == 0) return;
    const auto deadline = Clock::now() + connection_.patience_;
    const std::scoped_lock lock(connection_.mutex_);
    connection_.deadline_ = deadline;
  }
  ~Deadline() {
    const std::scoped_lock lock(connection_.mutex_);
    connection_.deadline_.reset();
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  WorkerConnection& connection_;
};

// The Tx that a lambda sees.
class StatementTx final : public Tx {
 public:
  StatementTx(WorkerConnection& connection, pqxx::transaction_base& transaction, Mode mode)
      : connection_(connection), transaction_(transaction), mode_(mode) {}

  void on_commit(Effect effect) override { add({std::move(effect), false}); }
  void then(Effect effect) override { add({std::move(effect), true}); }
  std::vector<CollectedEffect> take_effects() { return std::move(effects_); }

  std::unique_ptr<Rows> execute(std::string_view sql, const Params& params, bool writes,
                                bool is_slow) override {
    wrote_ = wrote_ || writes;
    return std::make_unique<ResultRows>(guarded([&] {
      if (is_slow) return execute_once(transaction_, std::string(sql), params);
      return execute_prepared(transaction_, connection_.prepared(sql), params);
    }));
  }
  void script(std::string_view sql) override {
    wrote_ = true;
    guarded([&] { return transaction_.exec(std::string(sql)); });
  }

  // A statement failed: PostgreSQL has already given the transaction up.
  bool failed() const noexcept { return failed_; }
  // The lambda may run again: nothing that it did has stayed.
  bool repeatable() const noexcept { return mode_ == Mode::transaction || !wrote_; }

 private:
  void add(CollectedEffect effect) {
    if (mode_ == Mode::autocommit) throw std::logic_error("only a transaction has effects");
    effects_.push_back(std::move(effect));
  }
  template <class F>
  pqxx::result guarded(F statement) {
    if (!connection_.open()) throw Lost("the connection is gone");
    const WorkerConnection::Deadline deadline(connection_);
    try {
      return statement();
    } catch (...) {
      failed_ = true;
      rethrow_translated(connection_.connection_, !repeatable());
    }
  }

  WorkerConnection& connection_;
  pqxx::transaction_base& transaction_;
  const Mode mode_;
  bool failed_ = false;
  bool wrote_ = false;
  std::vector<CollectedEffect> effects_;
};

WorkerConnection::WorkerConnection(const DatabaseOptions& options, CommitOrder& order)
    : order_(order),
      patience_(options.statement_timeout.count() == 0 ? options.statement_timeout
                                                       : options.statement_timeout + kCutMargin),
      connection_([&] {
        try {
          return pqxx::connection(connection_string(options));
        } catch (const pqxx::failure& error) {
          throw std::runtime_error(first_line(error.what()));
        }
      }()),
      handler_(configure(connection_)) {
  socket_ = ::fcntl(connection_.sock(), F_DUPFD_CLOEXEC, 0);
  if (socket_ < 0) throw std::runtime_error(std::system_category().message(errno));
}

WorkerConnection::~WorkerConnection() {
  // libpq says goodbye without waiting for an answer.
  if (socket_ >= 0) ::close(socket_);
}

bool WorkerConnection::disturbed() const noexcept {
  pollfd state{socket_, POLLIN | POLLRDHUP, 0};
  return ::poll(&state, 1, 0) > 0;
}

void WorkerConnection::cut_if_overdue(Clock::time_point now) noexcept {
  const std::scoped_lock lock(mutex_);
  if (!deadline_ || now < *deadline_) return;
  ::shutdown(socket_, SHUT_RDWR);
  deadline_.reset();
  cut_ = true;
}

Outcome WorkerConnection::run(Job& job, Mode mode) {
  Outcome outcome = attempt(job, mode);
  const std::scoped_lock lock(mutex_);
  if (cut_ && (outcome.kind == Outcome::Kind::lost || outcome.kind == Outcome::Kind::in_doubt)) {
    outcome.why = std::make_exception_ptr(std::runtime_error(
        "the server gave no answer for " + std::to_string(patience_.count()) + " ms"));
    // After waiting for a frozen server there is no second try: the caller has waited long enough.
    if (outcome.kind == Outcome::Kind::lost) outcome.kind = Outcome::Kind::unavailable;
  }
  return outcome;
}

Outcome WorkerConnection::attempt(Job& job, Mode mode) {
  using Kind = Outcome::Kind;
  std::unique_ptr<pqxx::transaction_base> transaction;
  bool repeatable = true;
  Aftermath aftermath;
  try {
    try {
      const Deadline deadline(*this);
      transaction = begin(connection_, mode);
    } catch (...) {
      rethrow_translated(connection_, false);
    }
    StatementTx tx(*this, *transaction, mode);
    try {
      job.run(tx);
    } catch (...) {
      repeatable = tx.repeatable();
      throw;
    }
    // PostgreSQL would answer the commit with a rollback and no error.
    if (tx.failed() && mode == Mode::transaction) {
      throw std::logic_error("a transaction went on after a failed statement");
    }
    aftermath = order_.before_commit(tx.take_effects());
    const Deadline deadline(*this);
    try {
      transaction->commit();
    } catch (...) {
      rethrow_translated(connection_, mode == Mode::transaction);
    }
    return {Kind::done, nullptr, std::move(aftermath)};
  } catch (const InDoubt&) {
    return {Kind::in_doubt, std::current_exception(), std::move(aftermath)};
  } catch (const Lost&) {
    return {Kind::lost, std::current_exception()};
  } catch (const Conflict&) {
    aftermath = {};
    if (transaction) roll_back(*transaction);
    return {repeatable ? Kind::conflict : Kind::unavailable, std::current_exception()};
  } catch (const Unavailable& unavailable) {
    aftermath = {};
    if (transaction) roll_back(*transaction);
    if (unavailable.reconnect) disconnect(connection_);
    return {Kind::unavailable, std::current_exception()};
  } catch (...) {
    aftermath = {};
    if (transaction) roll_back(*transaction);
    return {Kind::failed, std::current_exception()};
  }
}

void WorkerConnection::roll_back(pqxx::transaction_base& transaction) noexcept {
  if (!open()) return;
  const Deadline deadline(*this);
  try {
    transaction.abort();
  } catch (const std::exception&) {
    // Then the connection is gone, and the server rolls back by itself.
  }
}

const std::string& WorkerConnection::prepared(std::string_view sql) {
  const auto known = prepared_.find(sql);
  if (known != prepared_.end()) {
    known->second.last_used = ++uses_;
    return known->second.name;
  }
  if (prepared_.size() >= kMaxPrepared) forget_least_recently_used();
  std::string name = "s" + std::to_string(++names_);
  std::string text(sql);
  prepare(connection_, name, text);
  const auto added = prepared_.emplace(std::move(text), Prepared{std::move(name), ++uses_});
  return added.first->second.name;
}

void WorkerConnection::forget_least_recently_used() {
  const auto oldest = std::min_element(
      prepared_.begin(), prepared_.end(),
      [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
  connection_.unprepare(oldest->second.name);
  prepared_.erase(oldest);
}

}  // namespace stoa::pg
