#include "infra/postgres/pipeline.hpp"

#include "infra/postgres/failures.hpp"
#include "infra/postgres/worker_connection.hpp"

#include <stoa/core/log.hpp>
#include <stoa/postgres/ticker.hpp>

#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>

namespace stoa::pg {
namespace {

constexpr int kMostConflicts = 4;  // as often as a transaction is tried

bool is_stale_plan(const std::string& state) {
  return state == "26000" || state == "0A000";
}

}  // namespace

// Ends a context's pipelines before the context is gone.
class Pipeline::Service final : public asio::execution_context::service {
 public:
  using key_type = Service;
  static inline asio::execution_context::id id;

  explicit Service(asio::execution_context& owner) : asio::execution_context::service(owner) {}

  std::vector<std::weak_ptr<Pipeline>> pipelines;

 private:
  void shutdown() override {
    for (const auto& known : pipelines) {
      if (const auto pipeline = known.lock()) pipeline->forget_context();
    }
  }
};

struct Pipeline::Readiness {
  std::weak_ptr<Pipeline> pipeline;
  std::size_t slot;
  std::uint64_t generation;
  bool writable;

  void operator()(const boost::system::error_code& error) const {
    if (error) return;  // released
    if (const auto to = pipeline.lock()) to->on_ready(slot, generation, writable);
  }
};

struct Pipeline::Tick {
  std::weak_ptr<Pipeline> pipeline;

  void operator()(const boost::system::error_code& error) const {
    if (error) return;
    if (const auto to = pipeline.lock()) to->on_tick();
  }
};

std::shared_ptr<Pipeline> Pipeline::make(asio::io_context& context, const DatabaseOptions& options,
                                         Connector& connector) {
  std::shared_ptr<Pipeline> pipeline(new Pipeline(context, options, connector));
  asio::use_service<Service>(context).pipelines.push_back(pipeline);
  for (std::size_t i = 0; i < pipeline->slots_.size(); ++i) connector.request(pipeline, i);
  return pipeline;
}

Pipeline::Pipeline(asio::io_context& context, const DatabaseOptions& options, Connector& connector)
    : depth_(options.pipeline_depth),
      patience_(options.statement_timeout.count() == 0
                    ? options.statement_timeout
                    : options.statement_timeout + WorkerConnection::kCutMargin),
      longest_wait_(options.queue_timeout),
      longest_(options.queue_timeout + patience_),
      period_(Ticker::period_for(options.statement_timeout.count() == 0
                                     ? options.queue_timeout
                                     : std::min(options.queue_timeout, options.statement_timeout))),
      connector_(connector),
      context_(context),
      timer_(std::in_place, context.get_executor()),
      slots_(options.pipelines),
      inbox_(detail::Inbox::of(context.get_executor())) {}

// ---- Sending ----

bool Pipeline::submit(StatementCallPtr call) {
  const std::scoped_lock lock(mutex_);
  if (context_gone_) return false;
  if (stopped_) throw Error(Code::shutting_down);
  const auto now = Clock::now();
  call->since = now;
  try {
    dispatch(std::move(call), now);
  } catch (...) {
    deliver();  // others, that were on a connection which has just been lost
    throw;
  }
  deliver();
  return true;
}

void Pipeline::refuse(Code code) {
  ++refused_;
  std::rethrow_exception(refusal(code));
}

void Pipeline::dispatch(StatementCallPtr call, Clock::time_point now) {
  for (;;) {
    Slot* const slot = least_busy();
    if (slot == nullptr) {
      if (away_) refuse(Code::db_unavailable);
      if (waiting_.size() >= depth_ * slots_.size()) refuse(Code::overloaded);
      waiting_.push_back(std::move(call));
      break;
    }
    PipelineConnection& connection = *slot->connection;
    if (connection.under_way() >= depth_) refuse(Code::overloaded);
    // A write whose answer is lost is in doubt: not onto a connection that has ended.
    if (call->statement.writes && connection.under_way() == 0 && connection.disturbed()) {
      lose(*slot, "the server ended it", true);
      continue;
    }
    if (!connection.send(std::move(call), now)) {
      lose(*slot, connection.why(), true);
    } else {
      watch_writing(*slot);
    }
    break;
  }
  start_ticking();
}

Pipeline::Slot* Pipeline::least_busy() {
  Slot* best = nullptr;
  for (Slot& slot : slots_) {
    if (!slot.connection || slot.retiring) continue;
    if (best == nullptr || slot.connection->under_way() < best->connection->under_way()) {
      best = &slot;
    }
  }
  return best;
}

bool Pipeline::has_connection() const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [](const Slot& slot) { return slot.connection.has_value(); });
}

void Pipeline::watch(Slot& slot) {
  const auto index = static_cast<std::size_t>(&slot - slots_.data());
  slot.connection->descriptor().async_wait(
      PipelineConnection::Descriptor::wait_read,
      Readiness{weak_from_this(), index, slot.generation, false});
}

// What does not fit into the socket's buffer: it is written, and answers are read, as either becomes possible.
void Pipeline::watch_writing(Slot& slot) {
  if (!slot.connection->wants_to_write() || slot.writing) return;
  slot.writing = true;
  const auto index = static_cast<std::size_t>(&slot - slots_.data());
  slot.connection->descriptor().async_wait(
      PipelineConnection::Descriptor::wait_write,
      Readiness{weak_from_this(), index, slot.generation, true});
}

// ---- Receiving ----

void Pipeline::on_ready(std::size_t index, std::uint64_t generation, bool writable) {
  const std::scoped_lock lock(mutex_);
  Slot& slot = slots_[index];
  if (stopped_ || !slot.connection || slot.generation != generation) return;
  if (writable) {
    slot.writing = false;
    if (!slot.connection->flush()) {
      lose(slot, slot.connection->why(), true);
    } else {
      watch_writing(slot);
    }
  } else {
    receive(slot);
  }
  deliver();
}

void Pipeline::receive(Slot& slot) {
  const auto now = Clock::now();
  const auto generation = slot.generation;
  std::vector<ServerAnswer> answers;
  const bool open = slot.connection->receive(answers, now);
  if (open) {
    watch(slot);
    watch_writing(slot);
  }
  const std::string why = slot.connection->why();
  for (ServerAnswer& answer : answers) settle(slot, std::move(answer), now);
  if (slot.generation != generation) return;  // lost while a statement was repeated
  if (!open) {
    lose(slot, why, true);
  } else if (slot.retiring && slot.connection->under_way() == 0) {
    lose(slot, "the server cannot", true);
  }
}

void Pipeline::settle(Slot& slot, ServerAnswer answer, Clock::time_point now) {
  if (answer.call->settled) return;  // took too long, and was told so
  if (PQresultStatus(answer.result.get()) == PGRES_FATAL_ERROR) {
    settle_failure(slot, answer, now);
    return;
  }
  answer.call->rows = std::make_unique<PgRows>(std::move(answer.result));
  finish(std::move(answer.call), nullptr);
}

void Pipeline::settle_failure(Slot& slot, const ServerAnswer& answer, Clock::time_point now) {
  const StatementCallPtr& call = answer.call;
  const std::string state = error_field(*answer.result, PG_DIAG_SQLSTATE);
  if (answer.was_prepared && is_stale_plan(state) && !call->replanned) {
    if (slot.connection) slot.connection->forget(call->statement.sql);
    call->replanned = true;
    again(call, now);
    return;
  }
  try {
    throw_server_error(state, first_line(PQresultErrorMessage(answer.result.get())),
                       error_field(*answer.result, PG_DIAG_CONSTRAINT_NAME));
  } catch (const Conflict&) {
    if (++call->attempts < kMostConflicts) {
      again(call, now);
    } else {
      finish(call, refusal(Code::overloaded));
    }
  } catch (const Unavailable& unavailable) {
    log::warn("database_failed", {{"in_doubt", false}, {"reason", unavailable.what()}});
    slot.retiring = slot.retiring || (unavailable.reconnect && slot.connection);
    finish(call, refusal(Code::db_unavailable));
  } catch (...) {
    finish(call, std::current_exception());
  }
}

// ---- When something is wrong ----

void Pipeline::again(StatementCallPtr call, Clock::time_point now) {
  try {
    dispatch(call, now);
  } catch (...) {
    finish(std::move(call), std::current_exception());
  }
}

void Pipeline::lose(Slot& slot, const std::string& why, bool may_repeat) {
  const auto now = Clock::now();
  const std::string reason = why;  // may be the connection's own
  const auto calls = slot.connection->take_calls();
  slot.connection.reset();
  ++slot.generation;
  slot.retiring = slot.writing = false;
  connector_.request(weak_from_this(), static_cast<std::size_t>(&slot - slots_.data()));
  const bool in_doubt = std::any_of(calls.begin(), calls.end(),
                                    [](const auto& call) { return call->statement.writes; });
  if (!calls.empty()) log::warn("database_failed", {{"in_doubt", in_doubt}, {"reason", reason}});
  for (const auto& call : calls) {
    if (call->settled) continue;
    if (may_repeat && !call->statement.writes && !std::exchange(call->repeated, true)) {
      again(call, now);
    } else {
      finish(call, refusal(Code::db_unavailable));
    }
  }
}

void Pipeline::finish(StatementCallPtr call, std::exception_ptr why) {
  call->settled = true;
  ++(why ? failed_ : done_);
  call->error = std::move(why);
  finished_.push_back(std::move(call));
}

void Pipeline::deliver() {
  if (finished_.empty()) return;
  inbox_->deliver(finished_);
  finished_.clear();
}

// ---- Time ----

std::size_t Pipeline::under_way() const {
  std::size_t count = 0;
  for (const Slot& slot : slots_) count += slot.connection ? slot.connection->under_way() : 0;
  return count;
}

void Pipeline::start_ticking() {
  if (ticking_ || patience_.count() == 0) return;
  ticking_ = true;
  timer_->expires_after(period_);
  timer_->async_wait(Tick{weak_from_this()});
}

void Pipeline::on_tick() {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  ticking_ = false;
  const auto now = Clock::now();
  for (Slot& slot : slots_) {
    if (!slot.connection || slot.connection->under_way() == 0) continue;
    if (now - slot.connection->first_since() > patience_) {
      lose(slot, "the server gave no answer for " + std::to_string(patience_.count()) + " ms",
           false);
      continue;
    }
    slot.connection->each_call([&](const StatementCallPtr& call) {
      if (call->settled || now - call->since <= longest_) return;
      finish(call, refusal(Code::db_unavailable));
    });
  }
  for (const auto& call : waiting_) {
    if (now - call->since > longest_wait_) finish(call, refusal(Code::db_unavailable));
  }
  std::erase_if(waiting_, [](const StatementCallPtr& call) { return call->settled; });
  if (under_way() > 0 || !waiting_.empty()) start_ticking();
  deliver();
}

// ---- Connections ----

void Pipeline::connected(std::size_t index, PgConn connection) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  Slot& slot = slots_[index];
  slot.connection.emplace(context_, std::move(connection));
  ++slot.generation;
  away_ = false;
  watch(slot);
  auto calls = std::exchange(waiting_, {});
  const auto now = Clock::now();
  for (auto& call : calls) again(std::move(call), now);
  deliver();
}

bool Pipeline::connect_failed(const std::string& why) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return false;
  if (!has_connection()) {
    if (!std::exchange(away_, true)) log::error("pipeline_away", {{"reason", why}});
    for (const auto& call : std::exchange(waiting_, {}))
      finish(call, refusal(Code::db_unavailable));
    deliver();
  }
  return true;
}

// ---- The end ----

void Pipeline::stop() {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  stop_locked();
  deliver();
}

// The coroutines go with the context: nobody is told.
void Pipeline::forget_context() {
  const std::scoped_lock lock(mutex_);
  context_gone_ = true;
  if (!stopped_) stop_locked();
  finished_.clear();
}

void Pipeline::stop_locked() {
  stopped_ = true;
  timer_.reset();
  for (Slot& slot : slots_) {
    if (!slot.connection) continue;
    for (const auto& call : slot.connection->take_calls()) {
      if (call->settled) continue;
      finish(call, refusal(call->statement.writes ? Code::db_unavailable : Code::shutting_down));
    }
    slot.connection.reset();
  }
  for (const auto& call : std::exchange(waiting_, {})) finish(call, refusal(Code::shutting_down));
}

DatabaseStats Pipeline::stats() const {
  DatabaseStats stats;
  const std::scoped_lock lock(mutex_);
  for (const Slot& slot : slots_) {
    ++(!slot.connection                   ? stats.disconnected
       : slot.connection->under_way() > 0 ? stats.busy
                                          : stats.idle);
  }
  stats.queued = under_way() + waiting_.size();
  stats.transactions = done_;
  stats.failures = failed_;
  stats.refused = refused_;
  return stats;
}

}  // namespace stoa::pg
