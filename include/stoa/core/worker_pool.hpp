#pragma once
// A bounded pool of threads for work that would hold up a shard: password hashing, files, later images and
// archives. Owned by the composition root; run() may be called on any executor and answers on that
// one.
//
//   const std::string hash = co_await pool.run([password] { return hash_password(password); });
//
// The work must hold values only; it is destroyed before the answer is there, so that what it held is free by then. Errors:
// Error{overloaded} when `queue` pieces wait already, Error{shutting_down} for what still waits at stop(), and whatever the
// work throws.
//
// Costly work that anybody may ask for is run for somebody (run_for): those who ask take turns, and where the queue is full,
// whoever has most in it loses the latest of it to one who has less: another address, or another account of the same one.
#include <stoa/core/fair_queue.hpp>
#include <stoa/core/task.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace stoa {

class Metrics;

struct WorkerPoolStats {
  std::size_t threads = 0, busy = 0, queued = 0;
  std::uint64_t done = 0, refused = 0;
};

class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  template <class F>
  Task<std::invoke_result_t<F&>> run(F work) {
    return ask(TurnKey{}, std::move(work), true);
  }
  template <class F>
  Task<std::invoke_result_t<F&>> run_for(TurnKey who, F work) {
    return ask(who, std::move(work), true);
  }
  // For callers whose number is bounded elsewhere: neither refused because the queue is full, nor counted against it.
  template <class F>
  Task<std::invoke_result_t<F&>> run_unbounded(F work) {
    return ask(TurnKey{}, std::move(work), false);
  }

  // For what must not be refused, such as closing a file: done some time, in stop() at the latest, whatever the
  // bound of the queue, against which it does not count. Any thread; what it throws ends the process.
  void post(std::function<void()> work);

  WorkerPoolStats stats() const;
  // Ends what runs, refuses what waits, joins. Idempotent; the executors that wait must still live.
  void stop();

 private:
  struct Job {
    explicit Job(bool counted) : is_counted(counted) {}
    virtual ~Job() = default;
    virtual void run() noexcept = 0;
    virtual void refuse(std::exception_ptr why) noexcept = 0;

    const bool is_counted;  // against the queue's bound
  };

  template <class F>
  Task<std::invoke_result_t<F&>> ask(TurnKey who, F work, bool is_counted) {
    using Result = std::invoke_result_t<F&>;
    reserve(who, is_counted);
    auto outcome = std::make_shared<Outcome<Result>>();
    auto start = [this, outcome, &work, who, is_counted](auto handler) {
      using Handler = decltype(handler);
      submit(who, std::make_unique<Awaited<F, Result, Handler>>(is_counted, std::move(work),
                                                                outcome, std::move(handler)));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(start, use_task);
    co_return outcome->take();
  }

  template <class Result>
  struct Outcome {
    std::conditional_t<std::is_void_v<Result>, std::optional<bool>, std::optional<Result>> value;
    std::exception_ptr error;

    Result take() {
      if (error) std::rethrow_exception(error);
      if constexpr (!std::is_void_v<Result>) return std::move(*value);
    }
  };

  template <class F, class Result, class Handler>
  struct Awaited final : Job {
    using Guard = asio::executor_work_guard<asio::associated_executor_t<Handler, Executor>>;

    Awaited(bool counted, F f, std::shared_ptr<Outcome<Result>> o, Handler h)
        : Job(counted),
          work(std::move(f)),
          outcome(std::move(o)),
          handler(std::move(h)),
          guard(asio::get_associated_executor(handler)) {}

    void run() noexcept override {
      try {
        if constexpr (std::is_void_v<Result>) {
          (*work)();
        } else {
          outcome->value.emplace((*work)());
        }
      } catch (...) {
        outcome->error = std::current_exception();
      }
      finish();
    }
    void refuse(std::exception_ptr why) noexcept override {
      outcome->error = std::move(why);
      finish();
    }
    void finish() noexcept {
      work.reset();
      asio::post(guard.get_executor(), std::move(handler));
    }

    std::optional<F> work;
    std::shared_ptr<Outcome<Result>> outcome;
    Handler handler;
    Guard guard;
  };

  struct Posted final : Job {
    explicit Posted(std::function<void()> w) : Job(false), work(std::move(w)) {}
    void run() noexcept override { work(); }
    void refuse(std::exception_ptr) noexcept override { work(); }

    std::function<void()> work;
  };

  // Takes a place in the queue before the coroutine is suspended, so that a full pool answers at
  // once.
  void reserve(const TurnKey& who, bool is_counted);
  void submit(const TurnKey& who, std::unique_ptr<Job> job);
  void serve();

  const std::size_t queue_limit_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  FairQueue<std::unique_ptr<Job>> queue_;
  std::size_t waiting_ = 0;  // reserved or queued, of those that are counted
  std::size_t busy_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t refused_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// Shows the pool in /metrics under that name; it must live as long as they do.
void observe_workers(Metrics& metrics, const WorkerPool& pool, const std::string& name);

}  // namespace stoa
