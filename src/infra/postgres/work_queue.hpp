#pragma once
// What waits for a database thread, the oldest first. Slow statements (Query::slow()) have a quarter of the threads at
// most, so that searches of one person do not keep everybody's transactions waiting. Used under the pool's lock.
#include <stoa/postgres/database.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace stoa::pg {

class WorkQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct Work {
    std::shared_ptr<Job> job;
    Mode mode;
    bool is_slow;
    Clock::time_point since;
  };
  using Works = std::deque<Work>;

  explicit WorkQueue(std::size_t threads) : most_slow_(std::max<std::size_t>(1, threads / 4)) {}

  std::size_t size() const noexcept { return quick_.size() + slow_.size(); }
  bool empty() const noexcept { return size() == 0; }
  void push(Work work) { (work.is_slow ? slow_ : quick_).push_back(std::move(work)); }

  // Whether some of it may begin.
  bool ready() const noexcept { return !quick_.empty() || slow_may_begin(); }
  // The oldest that may; ready() holds. ended() follows.
  Work pop() {
    const bool takes_slow =
        slow_may_begin() && (quick_.empty() || slow_.front().since < quick_.front().since);
    Works& from = takes_slow ? slow_ : quick_;
    Work work = std::move(from.front());
    from.pop_front();
    if (work.is_slow) ++slow_running_;
    return work;
  }
  void ended(const Work& work) noexcept {
    if (work.is_slow) --slow_running_;
  }

  // Takes out what has waited for longer.
  Works take_late(Clock::time_point now, std::chrono::milliseconds most) {
    Works late;
    for (Works* queue : {&quick_, &slow_}) {
      while (!queue->empty() && now - queue->front().since > most) {
        late.push_back(std::move(queue->front()));
        queue->pop_front();
      }
    }
    return late;
  }
  Works take_all() {
    Works all = std::exchange(quick_, {});
    for (Work& work : std::exchange(slow_, {})) all.push_back(std::move(work));
    return all;
  }

 private:
  bool slow_may_begin() const noexcept { return !slow_.empty() && slow_running_ < most_slow_; }

  const std::size_t most_slow_;
  Works quick_, slow_;
  std::size_t slow_running_ = 0;
};

}  // namespace stoa::pg
