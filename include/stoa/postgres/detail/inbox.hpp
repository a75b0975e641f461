#pragma once
// How a database thread gives results back to the coroutines of an io_context. Each context has one
// Inbox; what arrives while a delivery is already posted joins it, so that a commit that many wait
// for costs one post and not one each.
//
// It also makes the end of a context safe: a context that goes down drops the coroutines that wait,
// on its own thread, and what the database threads deliver afterwards goes nowhere.
#include <stoa/core/task.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <boost/asio/execution_context.hpp>

namespace stoa::pg::detail {

class Inbox;

// One coroutine that waits, and where its result is put before it is delivered.
class Waiter : public std::enable_shared_from_this<Waiter> {
 public:
  Waiter();
  virtual ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Begins the work and suspends the calling coroutine until deliver(). Throws `error` where that was set.
  static Task<> wait(std::shared_ptr<Waiter> self);
  // Any thread, once: the result, or `error`, is in its place.
  void deliver();

  const std::shared_ptr<Inbox>& inbox() const noexcept { return inbox_; }
  std::exception_ptr error;

 protected:
  // Hands this to whoever delivers it; may deliver it at once. On the coroutine's thread.
  virtual void begin() = 0;

 private:
  friend class Inbox;
  struct Resumption;
  template <class Handler>
  struct HeldHandler;
  struct Initiation;

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
  std::mutex mutex_;
  Waiter* first_ = nullptr;  // those who wait
  std::vector<std::shared_ptr<Waiter>> ready_;
  bool posted_ = false;
  bool closed_ = false;
};

}  // namespace stoa::pg::detail
