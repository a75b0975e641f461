#pragma once
// How a database thread gives results back to the coroutines of an io_context. Each context has one
// Inbox; what arrives while a delivery is already posted joins it, so that a commit that many wait
// for costs one post and not one each.
//
// It also makes the end of a context safe: a context that goes down drops the coroutines that wait,
// on its own thread, and what the database threads deliver afterwards goes nowhere.
#include <stoa/core/task.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>

namespace stoa::pg::detail {

class Inbox;

// One coroutine that waits, and where its result is put before it is delivered.
class Waiter : public std::enable_shared_from_this<Waiter> {
 public:
  Waiter();
  virtual ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // co_await Waiter::wait(self) begins the work and suspends the calling coroutine until deliver(). Throws `error`
  // where that was set. Deferred: a Task would be one more frame for each of thousands that wait.
  static auto wait(std::shared_ptr<Waiter> self) {
    return asio::async_initiate<const asio::deferred_t, void(std::exception_ptr)>(
        Initiation{std::move(self)}, asio::deferred);
  }
  // Any thread, once: the result, or `error`, is in its place.
  void deliver();

  const std::shared_ptr<Inbox>& inbox() const noexcept { return inbox_; }
  std::exception_ptr error;

 protected:
  // Hands this to whoever delivers it; may deliver it at once. On the coroutine's thread.
  virtual void begin() = 0;

 private:
  friend class Inbox;

  // The suspended coroutine. Its context's loop does not run out of work while it waits.
  struct Resumption {
    virtual ~Resumption() = default;
    virtual void resume(std::exception_ptr error) = 0;
  };
  template <class Handler>
  struct HeldHandler final : Resumption {
    explicit HeldHandler(Handler given)
        : handler(std::move(given)), work(asio::get_associated_executor(handler)) {}
    void resume(std::exception_ptr why) override {
      work.reset();
      std::move(handler)(std::move(why));
    }

    Handler handler;
    asio::executor_work_guard<Executor> work;
  };
  struct Initiation {
    std::shared_ptr<Waiter> waiter;

    template <class Handler>
    void operator()(Handler&& handler) const {
      using Held = HeldHandler<std::decay_t<Handler>>;
      auto held = std::make_unique<Held>(std::forward<Handler>(handler));
      const Executor executor = held->work.get_executor();
      waiter->suspend(std::move(held), executor);
    }
  };

  void suspend(std::unique_ptr<Resumption> resumption, const Executor& executor);
  // On the context's thread; exactly one of the two is called, once.
  void resume();
  void abandon() noexcept;

  std::shared_ptr<Inbox> inbox_;
  std::unique_ptr<Resumption> resumption_;
  // The list of those who wait keeps them alive.
  Waiter* previous_ = nullptr;
  Waiter* next_ = nullptr;
  std::shared_ptr<Waiter> self_;
};

class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(asio::io_context& context) : context_(context) {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  static std::shared_ptr<Inbox> of(const Executor& executor);

  asio::io_context& context() const noexcept { return context_; }
  // On the context's thread, before the waiter is handed to the database.
  void enroll(Waiter& waiter);
  // Any thread. They resume in this order. The pointers are moved from.
  void deliver(std::span<std::shared_ptr<Waiter>> waiters);
  void deliver(std::shared_ptr<Waiter> waiter) { deliver({&waiter, 1}); }
  // The context is going down.
  void close() noexcept;

 private:
  struct Delivery;

  void resume_ready();
  void post_locked();
  void unlink_locked(Waiter& waiter) noexcept;

  asio::io_context& context_;
  std::atomic<bool> closed_ = false;  // changes under the mutex
  std::mutex mutex_;
  Waiter* first_ = nullptr;  // those who wait
  std::vector<std::shared_ptr<Waiter>> ready_;
  bool posted_ = false;
};

}  // namespace stoa::pg::detail
