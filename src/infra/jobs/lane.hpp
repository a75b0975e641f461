#pragma once
// Does the jobs of some kinds, so many at once. What is not said to be for any thread is for the shard alone, on which the
// handlers run too.
#include "infra/jobs/attempt.hpp"
#include "infra/jobs/jobs_store.hpp"

#include <stoa/core/config.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/database.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace stoa::jobs {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using std::chrono::milliseconds;

// A kind that is handled here, with what the configuration or the kind itself says.
struct Handled {
  Handler handler;
  std::size_t attempts = 1;
  milliseconds first_wait{}, longest_wait{}, time_limit{};
  std::int64_t running = 0;  // on the shard
  std::atomic<std::uint64_t> done{0}, failed{0};
};

// Doubled each time and bounded; then up to a half is taken off by chance, so that what failed together does not come again together.
milliseconds wait_after(const Handled& kind, int attempt);

class Lane : public std::enable_shared_from_this<Lane> {
 public:
  struct Options {
    std::size_t workers;
    milliseconds poll, lease;
  };
  Lane(pg::Database& db, net::Shard& shard, WorkerId worker, const Options& options);

  void add(const std::shared_ptr<Handled>& kind);  // before start()
  void start();                                    // any thread, once
  void wake();                                     // any thread
  void close();                                    // any thread: takes no more
  // Any thread but the shard's: until nothing is at work, but not longer; false when that was not enough.
  bool wait_until_idle(Clock::time_point end) const;
  void cancel();  // any thread: asks the handlers to end

 private:
  // A handler at work.
  struct Run {
    Run(std::shared_ptr<Handled> k, const Claim& c)
        : kind(std::move(k)), claim(c), ends_at(Clock::now() + kind->time_limit) {}
    const std::shared_ptr<Handled> kind;
    const Claim claim;
    const Clock::time_point ends_at;
    asio::cancellation_signal signal;
    std::string why_cancelled;
  };
  struct Failure {
    std::string why;
    bool is_final = false;
  };
  enum class Settled { yes, taken_over, database_away };

  void spawn(Task<> task);
  Task<> serve(std::shared_ptr<Lane> self);
  Task<milliseconds> take();
  Task<> renew();
  Task<> pause(Timer& timer, milliseconds time);
  void cancel(Run& run, const char* why);

  Task<> run(std::shared_ptr<Lane> self, std::shared_ptr<Run> run, std::string payload);
  Task<> do_job(std::shared_ptr<Run> run, std::string payload);
  Task<std::optional<Failure>> attempt(const std::shared_ptr<Run>& run,
                                       const std::shared_ptr<AttemptState>& state,
                                       const std::string& payload);
  Task<> settle(const std::shared_ptr<Run>& run, const std::shared_ptr<AttemptState>& state,
                const std::optional<Failure>& failure);
  Task<Settled> try_to_settle(const Run& run, const AttemptState& state,
                              const std::optional<Failure>& failure);
  Task<bool> end_job(const Claim& claim, std::optional<milliseconds> again);
  void note(bool database_is_away, const std::string& why);

  pg::Database& db_;
  net::Shard& shard_;
  const WorkerId worker_;
  const Options options_;
  std::map<std::string, std::shared_ptr<Handled>> kinds_;
  std::list<std::shared_ptr<Run>> runs_;
  Timer timer_;
  Clock::time_point next_renewal_{};
  bool is_woken_ = false;
  bool is_away_ = false;
  bool is_cancelled_ = false;

  std::atomic<bool> is_closed_ = false;
  std::atomic<bool> is_wake_posted_ = false;
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  std::size_t tasks_ = 0;  // under the mutex
};

}  // namespace stoa::jobs
