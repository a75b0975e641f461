#pragma once
// The templates of Database: how a lambda becomes a Job, and how its result comes back.
#include <stoa/postgres/detail/inbox.hpp>

#include <future>
#include <variant>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>

namespace stoa::pg::detail {

// A result that is not there yet; void's is a monostate.
template <class R>
using Slot = std::optional<std::conditional_t<std::is_void_v<R>, std::monostate, R>>;

template <class F>
using ResultOf = std::invoke_result_t<F&, Tx&>;

template <class F>
Slot<ResultOf<F>> invoke_for(F& work, Tx& tx) {
  if constexpr (std::is_void_v<ResultOf<F>>) {
    work(tx);
    return Slot<void>(std::in_place);
  } else {
    return Slot<ResultOf<F>>(std::in_place, work(tx));
  }
}

// The coroutine's side of a Waiter: its handler, resumed or dropped on its own context, whose loop
// does not run out of work while it waits.
template <class Handler>
class Resumption {
 public:
  explicit Resumption(Handler handler)
      : handler_(std::move(handler)),
        executor_(asio::get_associated_executor(*handler_)),
        work_(executor_) {}

  const Executor& executor() const noexcept { return executor_; }

  template <class... Results>
  void resume(Results&&... results) {
    Handler handler = std::move(*handler_);
    handler_.reset();
    work_.reset();
    std::move(handler)(std::forward<Results>(results)...);
  }
  void drop() noexcept {
    handler_.reset();
    work_.reset();
  }

 private:
  std::optional<Handler> handler_;
  Executor executor_;
  asio::executor_work_guard<Executor> work_;
};

// A lambda that a coroutine waits for.
template <class F, class Handler>
class Call final : public Job, public Waiter {
 public:
  Call(F work, Handler handler) : work_(std::move(work)), resumption_(std::move(handler)) {
    inbox_ = Inbox::of(resumption_.executor());
  }
  void enroll() { inbox_->enroll(*this); }

  void run(Tx& tx) override {
    result_.reset();
    result_ = invoke_for(work_, tx);
  }
  void succeed() override { inbox_->deliver(shared_from_this()); }
  void fail(std::exception_ptr why) override {
    error_ = std::move(why);
    inbox_->deliver(shared_from_this());
  }

 private:
  void resume() override { resumption_.resume(std::move(error_), std::move(result_)); }
  void abandon() noexcept override { resumption_.drop(); }

  F work_;
  Resumption<Handler> resumption_;
  std::shared_ptr<Inbox> inbox_;
  Slot<ResultOf<F>> result_;
  std::exception_ptr error_;
};

template <class F>
struct Initiation {
  Database& database;
  Mode mode;
  F work;

  template <class Handler>
  void operator()(Handler&& handler) {
    auto call = std::make_shared<Call<F, std::decay_t<Handler>>>(std::move(work),
                                                                 std::forward<Handler>(handler));
    call->enroll();
    try {
      database.submit(call, mode);
    } catch (...) {
      call->fail(std::current_exception());
    }
  }
};

// A lambda that a thread waits for.
template <class F>
class BlockingCall final : public Job {
 public:
  explicit BlockingCall(F work) : work_(std::move(work)) {}

  void run(Tx& tx) override {
    result_.reset();
    result_ = invoke_for(work_, tx);
  }
  void succeed() override { promise_.set_value(std::move(result_)); }
  void fail(std::exception_ptr why) override { promise_.set_exception(std::move(why)); }
  std::future<Slot<ResultOf<F>>> future() { return promise_.get_future(); }

 private:
  F work_;
  Slot<ResultOf<F>> result_;
  std::promise<Slot<ResultOf<F>>> promise_;
};

}  // namespace stoa::pg::detail

namespace stoa::pg {

template <class F>
Task<std::invoke_result_t<F&, Tx&>> Database::start(F work, Mode mode) {
  using Result = std::invoke_result_t<F&, Tx&>;
  using Signature = void(std::exception_ptr, detail::Slot<Result>);
  detail::Initiation<F> initiation{*this, mode, std::move(work)};
  detail::Slot<Result> result =
      co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, Signature>(
          std::move(initiation), use_task);
  if constexpr (!std::is_void_v<Result>) co_return std::move(*result);
}

template <class F>
std::invoke_result_t<F&, Tx&> Database::run_blocking(F work, Mode mode) {
  auto call = std::make_shared<detail::BlockingCall<F>>(std::move(work));
  auto future = call->future();
  submit(call, mode);
  auto result = future.get();
  if constexpr (!std::is_void_v<std::invoke_result_t<F&, Tx&>>) return std::move(*result);
}

}  // namespace stoa::pg
