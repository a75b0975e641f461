#pragma once
// What waits for a database thread, the oldest first. Slow statements (Query::slow()) have a quarter of the threads at
// most, so that searches do not keep everybody's transactions waiting, and a quarter of the places beside the others'; those who
// ask for them take turns. Used under the pool's lock.
#include <stoa/core/fair_queue.hpp>
#include <stoa/postgres/database.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

namespace stoa::pg {

class WorkQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct Work {
    std::shared_ptr<Job> job;
    Mode mode;
    bool is_slow;
    TurnKey who;  // of slow work
    Clock::time_point since;
  };
  using Works = std::deque<Work>;

  WorkQueue(std::size_t threads, std::size_t places)
      : most_slow_(std::max<std::size_t>(1, threads / 4)),
        places_(places),
        slow_places_(std::max<std::size_t>(1, places / 4)) {}

  std::size_t size() const noexcept { return quick_.size() + slow_.size(); }
  bool empty() const noexcept { return size() == 0; }
  // Answers what finds no place: nothing, the work itself, or the latest of somebody who has more slow work here.
  std::optional<Work> push(Work work) {
    if (!work.is_slow) {
      if (quick_.size() >= places_) return work;
      quick_.push_back(std::move(work));
      return std::nullopt;
    }
    std::optional<Work> displaced;
    if (slow_.size() >= slow_places_) {
      displaced = slow_.drop_last(slow_.size_of(work.who.outer) + 1);
      if (!displaced) return work;
    }
    const TurnKey who = work.who;
    slow_.push(who, std::move(work));
    return displaced;
  }

  // Whether some of it may begin.
  bool ready() const noexcept { return !quick_.empty() || slow_may_begin(); }
  // The oldest that may; ready() holds. ended() follows.
  Work pop() {
    if (slow_may_begin() && (quick_.empty() || slow_.next().since < quick_.front().since)) {
      ++slow_running_;
      return slow_.pop();
    }
    Work work = std::move(quick_.front());
    quick_.pop_front();
    return work;
  }
  void ended(const Work& work) noexcept {
    if (work.is_slow) --slow_running_;
  }

  // Takes out what has waited for longer.
  Works take_late(Clock::time_point now, std::chrono::milliseconds most) {
    Works late;
    const auto is_late = [&](const Work& work) { return now - work.since > most; };
    while (!quick_.empty() && is_late(quick_.front())) {
      late.push_back(std::move(quick_.front()));
      quick_.pop_front();
    }
    for (Work& work : slow_.take_if(is_late)) late.push_back(std::move(work));
    return late;
  }
  Works take_all() {
    Works all = std::exchange(quick_, {});
    while (!slow_.empty()) all.push_back(slow_.pop());
    return all;
  }

 private:
  bool slow_may_begin() const noexcept { return !slow_.empty() && slow_running_ < most_slow_; }

  const std::size_t most_slow_;  // at work
  const std::size_t places_, slow_places_;
  Works quick_;
  FairQueue<Work> slow_;
  std::size_t slow_running_ = 0;
};

}  // namespace stoa::pg
