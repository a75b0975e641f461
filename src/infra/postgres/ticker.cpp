#include <stoa/postgres/ticker.hpp>

#include <algorithm>
#include <utility>

namespace stoa::pg {

Ticker::Ticker(std::chrono::milliseconds period, std::function<void()> tick)
    : thread_([this, period, tick = std::move(tick)] { loop(period, tick); }) {}

Ticker::~Ticker() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::chrono::milliseconds Ticker::period_for(std::chrono::milliseconds timeout) {
  using std::chrono::milliseconds;
  return std::clamp(timeout / 10, milliseconds(5), milliseconds(200));
}

void Ticker::loop(std::chrono::milliseconds period, const std::function<void()>& tick) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, period, [this] { return stopping_; })) {
    lock.unlock();
    tick();
    lock.lock();
  }
}

}  // namespace stoa::pg
