#include "poller.hpp"

#include "process.hpp"

#include <algorithm>
#include <stdexcept>

#include <pthread.h>
#include <unistd.h>

namespace load {
namespace {

// The longest sleep: so long does it take until a thread notices that the phase has moved on.
constexpr std::int64_t kLongestSleep = 5'000'000;

}  // namespace

Poller::Poller(bool sleeps) : sleeps_(sleeps), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::runtime_error("epoll_create1");
}

Poller::~Poller() {
  ::close(epoll_);
}

void Poller::add(int fd, std::uint32_t number) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.u32 = number;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

std::span<const epoll_event> Poller::wait(std::int64_t until) {
  timespec timeout{};
  if (sleeps_) {
    if (clock_.load(std::memory_order_relaxed) == 0) {
      clockid_t clock{};
      pthread_getcpuclockid(pthread_self(), &clock);
      clock_.store(clock, std::memory_order_release);
    }
    timeout.tv_nsec = std::clamp<std::int64_t>(until - now_nanoseconds(), 0, kLongestSleep);
  } else {
    const std::int64_t now = now_nanoseconds();
    if (round_ != 0) {
      const std::int64_t busy = busy_.load(std::memory_order_relaxed) + now - round_;
      busy_.store(busy, std::memory_order_relaxed);
    }
    round_ = now;
  }
  const int size = static_cast<int>(events_.size());
  const int count = epoll_pwait2(epoll_, events_.data(), size, &timeout, nullptr);
  if (count <= 0) round_ = 0;
  return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

double Poller::busy_seconds() const {
  if (!sleeps_) return static_cast<double>(busy_.load()) * 1e-9;
  const clockid_t clock = clock_.load(std::memory_order_acquire);
  timespec time{};
  if (clock == 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace load
