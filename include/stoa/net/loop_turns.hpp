#pragma once
// What one connection may do in one turn of its shard's loop, and where it waits for a later one. A connection that has had
// its slice goes on once everything else that is ready has been served. Those that wait take turns by address, and one turn
// of the loop has one slice for all of them together: so hundreds of connections that send as fast as they can cost whoever
// sends little one slice, not hundreds.
#include <stoa/core/fair_queue.hpp>
#include <stoa/core/task.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace stoa::net {

// The work of one connection since it last waited. Of its shard.
class Slice {
 public:
  using Clock = std::chrono::steady_clock;
  // Frames, packets and the like.
  static constexpr std::size_t kSteps = 256;
  static constexpr std::chrono::microseconds kTime{250};
  // What takes long by itself, such as reading so much JSON, waits for its turn before it begins.
  static constexpr std::size_t kLargeBytes = std::size_t{16} << 10;
  // Who has done nothing for so long begins a new slice without waiting for it.
  static constexpr std::chrono::milliseconds kRest{5};

  // Goes on after a wait for something else.
  void resume() noexcept;
  // After LoopTurns::next().
  void renew() noexcept;
  // One more step was done. False: the next is for another turn.
  bool step() noexcept;

 private:
  Clock::time_point last_ = Clock::now();
  Clock::duration spent_{0};
  std::size_t steps_ = 0;
};

// The connections of one shard that wait for a turn. Of the shard, but for put_off().
class LoopTurns {
 public:
  explicit LoopTurns(Executor executor) : executor_(std::move(executor)) {}
  LoopTurns(const LoopTurns&) = delete;
  LoopTurns& operator=(const LoopTurns&) = delete;

  // Ends in a later turn, when it is theirs.
  Task<> next(TurnKey who);
  // How often somebody had to wait. Any thread.
  std::uint64_t put_off() const noexcept { return put_off_.load(std::memory_order_relaxed); }

 private:
  struct Waiting;
  void serve();

  Executor executor_;
  FairQueue<std::shared_ptr<Waiting>> queue_;
  bool is_posted_ = false;
  std::atomic<std::uint64_t> put_off_{0};
};

}  // namespace stoa::net
