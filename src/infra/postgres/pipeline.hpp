#pragma once
// The connections of one event loop for single statements. A statement is sent at once on the connection that has the
// fewest under way; their answers arrive on the loop, and no thread is woken.
//
// - Each connection is bounded in what is under way; when all are full, a statement is refused at once.
// - While none is connected, statements wait for one, as long as work may wait for a database thread; once connecting
//   has failed they are refused.
// - A statement is answered db_unavailable when it has waited and run for longer than both time-outs allow; a connection
//   whose first statement is not answered in time is given up, and nothing on it is repeated: who waited
//   for a frozen server has waited long enough.
// - When a connection breaks, what only reads is repeated once elsewhere.
//
// submit() is called on the loop's thread; the rest on any. A lock guards it all, which is nearly always free.
#include "infra/postgres/connector.hpp"
#include "infra/postgres/pipeline_connection.hpp"
#include "infra/postgres/statement_call.hpp"

#include <stoa/postgres/database.hpp>

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>

namespace stoa::pg {

class Pipeline final : public ConnectionTaker, public std::enable_shared_from_this<Pipeline> {
 public:
  using Clock = StatementCall::Clock;

  // Ends with the context, if not before.
  static std::shared_ptr<Pipeline> make(asio::io_context& context, const DatabaseOptions& options,
                                        Connector& connector);

  // Takes the call, or throws Error{overloaded | db_unavailable | shutting_down}. False when its context is
  // gone: the caller's is another one at the same address.
  bool submit(StatementCallPtr call);
  DatabaseStats stats() const;
  // Gives up what is under way.
  void stop();

  void connected(std::size_t slot, PgConn connection) override;
  bool connect_failed(const std::string& why) override;

 private:
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
  class Service;
  struct Readiness;
  struct Tick;

  // A place for a connection.
  struct Slot {
    std::optional<PipelineConnection> connection;
    std::uint64_t generation = 0;  // of the connection: events of earlier ones are stale
    bool retiring = false;         // given nothing any more; replaced once it is idle
    bool writing = false;          // waits until it may write
  };

  Pipeline(asio::io_context& context, const DatabaseOptions& options, Connector& connector);

  // All with the lock held.
  void dispatch(StatementCallPtr call, Clock::time_point now);
  [[noreturn]] void refuse(Code code);
  Slot* least_busy();
  bool has_connection() const;
  void watch(Slot& slot);
  void watch_writing(Slot& slot);
  void receive(Slot& slot);
  void settle(Slot& slot, ServerAnswer answer, Clock::time_point now);
  void settle_failure(Slot& slot, const ServerAnswer& answer, Clock::time_point now);
  void again(StatementCallPtr call, Clock::time_point now);
  void lose(Slot& slot, const std::string& why, bool may_repeat);
  void finish(StatementCallPtr call, std::exception_ptr why);
  void deliver();
  void start_ticking();
  void stop_locked();
  std::size_t under_way() const;

  // Without it: what Asio calls.
  void on_ready(std::size_t slot, std::uint64_t generation, bool writable);
  void on_tick();
  void forget_context();

  const std::size_t depth_;
  const std::chrono::milliseconds
      patience_;  // with the first statement of a connection; 0: endless
  const std::chrono::milliseconds longest_wait_;  // for a connection
  const std::chrono::milliseconds longest_;       // from submit() to the answer
  const std::chrono::milliseconds period_;
  Connector& connector_;

  mutable std::mutex mutex_;
  asio::io_context& context_;
  std::optional<Timer> timer_;
  bool ticking_ = false;
  bool stopped_ = false;
  bool context_gone_ = false;
  bool away_ = false;  // nothing is connected, and the last attempt has failed
  std::vector<Slot> slots_;
  std::deque<StatementCallPtr> waiting_;  // for a connection
  std::shared_ptr<detail::Inbox> inbox_;
  std::vector<std::shared_ptr<detail::Waiter>> finished_;
  std::uint64_t done_ = 0, failed_ = 0, refused_ = 0;
};

}  // namespace stoa::pg
