#include <stoa/net/loop_turns.hpp>

#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace stoa::net {
namespace {

using Timer = asio::basic_waitable_timer<Slice::Clock, asio::wait_traits<Slice::Clock>, Executor>;

}  // namespace

void Slice::resume() noexcept {
  const auto now = Clock::now();
  if (now - last_ >= kRest) {
    spent_ = {};
    steps_ = 0;
  }
  last_ = now;
}

void Slice::renew() noexcept {
  last_ = Clock::now();
  spent_ = {};
  steps_ = 0;
}

bool Slice::step() noexcept {
  const auto now = Clock::now();
  spent_ += now - std::exchange(last_, now);
  return ++steps_ < kSteps && spent_ < kTime;
}

struct LoopTurns::Waiting {
  explicit Waiting(const Executor& executor) : timer(executor, Timer::time_point::max()) {}

  Timer timer;  // never expires by itself
  bool has_gone = false;
};

Task<> LoopTurns::next(TurnKey who) {
  struct Place {
    explicit Place(const Executor& executor) : waiting(std::make_shared<Waiting>(executor)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { waiting->has_gone = true; }
    const std::shared_ptr<Waiting> waiting;
  };
  const Place place(executor_);
  put_off_.fetch_add(1, std::memory_order_relaxed);
  queue_.push(who, place.waiting);
  if (!std::exchange(is_posted_, true)) asio::post(executor_, [this] { serve(); });
  boost::system::error_code woken;
  co_await place.waiting->timer.async_wait(asio::redirect_error(use_task, woken));
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

// What is posted here runs behind all that is ready, and behind the one who is let go on.
void LoopTurns::serve() {
  is_posted_ = false;
  while (!queue_.empty()) {
    const auto first = queue_.pop();
    if (first->has_gone) continue;  // cancelled
    first->timer.cancel();
    break;
  }
  if (queue_.empty()) return;
  is_posted_ = true;
  asio::post(executor_, [this] { serve(); });
}

}  // namespace stoa::net
