#pragma once
// The templates of Database: how a lambda becomes a Job, and how its result comes back.
#include <stoa/postgres/detail/inbox.hpp>

#include <future>
#include <variant>

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

// A statement that a coroutine waits for.
class RowsWaiter : public Waiter {
 public:
  std::unique_ptr<Rows> rows;
};

// A lambda that a coroutine waits for.
template <class F>
class Call final : public Job, public Waiter {
 public:
  Call(Database& database, Mode mode, F work)
      : database_(database), mode_(mode), work_(std::move(work)) {}

  void run(Tx& tx) override {
    result.reset();
    result = invoke_for(work_, tx);
  }
  void succeed() override { deliver(); }
  void fail(std::exception_ptr why) override {
    error = std::move(why);
    deliver();
  }

  Slot<ResultOf<F>> result;

 private:
  void begin() override {
    try {
      database_.submit(std::static_pointer_cast<Call>(shared_from_this()), mode_);
    } catch (...) {
      fail(std::current_exception());
    }
  }

  Database& database_;
  const Mode mode_;
  F work_;
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

template <class Answer>
Task<Answer> Database::run(Query<Answer> query) {
  const std::string_view sql = query.sql;
  const auto answered = call(std::move(query));
  co_await detail::Waiter::wait(answered);
  co_return detail::AnswerOf<Answer>::from(*answered->rows, sql);
}

template <class F>
Task<std::invoke_result_t<F&, Tx&>> Database::start(F work, Mode mode) {
  auto call = std::make_shared<detail::Call<F>>(*this, mode, std::move(work));
  co_await detail::Waiter::wait(call);
  if constexpr (!std::is_void_v<std::invoke_result_t<F&, Tx&>>) {
    co_return std::move(*call->result);
  }
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
