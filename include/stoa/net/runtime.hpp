#pragma once
// The shards: one io_context and one thread each. A connection lives and dies on its shard, so the
// code of a connection has no locks; work for another shard is a post. Owned by the composition
// root, which calls start() and stop() from its own thread; whatever tasks refer to must outlive
// stop().
#include <stoa/core/task.hpp>
#include <stoa/net/loop_turns.hpp>
#include <stoa/net/waiting_bytes.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace stoa::net {

// Owns coroutines, so that none runs detached: all can be cancelled and waited for. Lives on one
// shard and is used there only. A group that ends before its tasks cancels them and lets go of
// them.
class TaskGroup {
 public:
  explicit TaskGroup(const Executor& executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // `name` is a literal. What a task throws is logged with it; a cancelled one ends in silence.
  void spawn(const char* name, Task<> task);
  // Asks every task to end (terminal cancellation): its present co_await fails with
  // operation_aborted.
  void cancel();
  // Ends when the last task has; not for a task of the group itself.
  Task<> wait();
  std::size_t size() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

struct Shard {
  explicit Shard(std::uint32_t number);
  std::uint32_t index;
  WaitingBytes waiting;  // outlives whatever waits in the loop
  asio::io_context context;
  TaskGroup tasks;
  LoopTurns turns;
  // Nanoseconds by which the last timer came late (one every 250 ms): the event loop's lag.
  std::atomic<std::int64_t> lag_ns{0};
};

class Runtime {
 public:
  // 0: one shard a core. All shards together let so many bytes wait for a client.
  explicit Runtime(std::size_t shards, std::size_t max_waiting_bytes = SIZE_MAX);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  std::size_t size() const noexcept { return shards_.size(); }
  Shard& shard(std::size_t index) noexcept { return *shards_[index]; }
  void start();  // one thread a shard
  // Runs `work` on every shard, at the same time, and waits for all; in the caller before start()
  // and after stop(). Must not be called on a shard, and `work` must not throw.
  void on_every_shard(const std::function<void(Shard&)>& work);
  // Starts `task` on every shard and waits until all have ended, at most `longest`; false when that was
  // not enough. Must not be called on a shard.
  bool await_every_shard(std::chrono::milliseconds longest,
                         const std::function<Task<>(Shard&)>& task);
  // Cancels all tasks, gives them two seconds to end, stops the loops and joins. Idempotent.
  void stop();

 private:
  using WorkGuard = asio::executor_work_guard<Executor>;

  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<WorkGuard> guards_;
  std::vector<std::thread> threads_;
};

}  // namespace stoa::net
