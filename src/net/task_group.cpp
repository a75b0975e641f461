#include <stoa/core/log.hpp>
#include <stoa/net/runtime.hpp>

#include <chrono>
#include <exception>
#include <list>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

namespace stoa::net {
namespace {

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

void report(const char* name, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) return;
    log::error("task_failed", {{"task", name}, {"reason", e.what()}});
  } catch (const std::exception& e) {
    log::error("task_failed", {{"task", name}, {"reason", e.what()}});
  }
}

}  // namespace

// Shared with the tasks' completion handlers: a signal must outlive the coroutine that listens to
// it, also where the group is gone first.
struct TaskGroup::State {
  explicit State(const Executor& executor) : changed(executor) {
    changed.expires_at(Timer::time_point::max());
  }

  std::list<asio::cancellation_signal> running;
  // Those that ended while cancel() was at it, and whose signals it may be in.
  std::list<asio::cancellation_signal> ended;
  bool is_cancelling = false;
  Timer changed;  // never expires: waiters are woken by its cancellation
};

TaskGroup::TaskGroup(const Executor& executor) : state_(std::make_shared<State>(executor)) {}

TaskGroup::~TaskGroup() {
  cancel();
}

void TaskGroup::spawn(const char* name, Task<> task) {
  State& state = *state_;
  const auto entry = state.running.emplace(state.running.end());
  const auto ended = [owner = state_, entry, name](const std::exception_ptr& failure) {
    owner->ended.splice(owner->ended.end(), owner->running, entry);
    if (!owner->is_cancelling) owner->ended.clear();
    if (owner->running.empty()) owner->changed.cancel();
    if (failure) report(name, failure);
  };
  asio::co_spawn(state.changed.get_executor(), std::move(task),
                 asio::bind_cancellation_slot(entry->slot(), ended));
}

void TaskGroup::cancel() {
  if (state_->is_cancelling) return;  // one of the tasks asks for it again
  // A cancelled task may end at once, and others with it.
  std::vector<asio::cancellation_signal*> present;
  present.reserve(state_->running.size());
  for (asio::cancellation_signal& signal : state_->running) present.push_back(&signal);
  state_->is_cancelling = true;
  for (asio::cancellation_signal* signal : present) {
    signal->emit(asio::cancellation_type::terminal);
  }
  state_->is_cancelling = false;
  state_->ended.clear();
}

Task<> TaskGroup::wait() {
  const auto state = state_;
  while (!state->running.empty()) {
    boost::system::error_code woken;
    co_await state->changed.async_wait(asio::redirect_error(use_task, woken));
  }
}

std::size_t TaskGroup::size() const noexcept {
  return state_->running.size();
}

}  // namespace stoa::net
