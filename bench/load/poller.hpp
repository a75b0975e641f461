#pragma once
// Waits for the sockets of one thread.
//
// Where the generator has a core of its own it never sleeps, so that a server's send() does not pay for
// waking it (several microseconds on a virtual machine), latencies are not rounded up by the scheduler, and
// the time of the rounds that found nothing is what the generator has to spare. Where it shares its core it
// sleeps whenever there is nothing to read: whoever asks again and again is made to wait a whole slice of
// the scheduler for what somebody else on that core has to do first.

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include <sys/epoll.h>
#include <time.h>

namespace load {

class Poller {
 public:
  explicit Poller(bool sleeps);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // By edge: whoever hears of a socket reads it empty.
  void add(int fd, std::uint32_t number);
  // What has come; empty now and then, so that the caller looks at other things, and at the latest at
  // `until` (monotonic nanoseconds). All that the caller does up to the next call counts as busy.
  std::span<const epoll_event> wait(std::int64_t until);

  // Seconds that the thread that waits here was busy. For any thread, while that thread lives.
  double busy_seconds() const;

 private:
  const bool sleeps_;
  const int epoll_;
  std::int64_t round_ = 0;  // when the present round began, 0 when it found nothing
  std::array<epoll_event, 512> events_{};
  std::atomic<std::int64_t> busy_{0};  // nanoseconds in rounds that found something; without sleep
  std::atomic<clockid_t> clock_{0};    // of the thread's CPU time; with sleep
};

}  // namespace load
