#pragma once
// The shards: one io_context and one thread each. A connection lives and dies on its shard, so the code
// of a connection has no locks; work for another shard is a post. Owned by the composition root.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <stoa/core/task.hpp>

namespace stoa::net {

// Owns coroutines, so that none runs detached: all can be cancelled and waited for. Lives on one shard
// and is used there only.
class TaskGroup {
 public:
  explicit TaskGroup(Executor executor) : executor_(executor) {}
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // What a task throws is logged with its name; a cancelled one ends in silence.
  void spawn(const char* name, Task<> task);
  // Asks every task to end (terminal cancellation).
  void cancel();
  std::size_t size() const noexcept { return running_.size(); }

 private:
  struct Entry;
  Executor executor_;
  std::list<std::unique_ptr<Entry>> running_;
};

struct Shard {
  explicit Shard(std::uint32_t number);
  std::uint32_t index;
  asio::io_context context;
  TaskGroup tasks;
  // Nanoseconds by which a posted job came late, as last measured: the event loop's lag.
  std::atomic<std::int64_t> lag_ns{0};
};

class Runtime {
 public:
  // 0: one shard a core.
  explicit Runtime(std::size_t shards);
  ~Runtime();

  std::size_t size() const noexcept { return shards_.size(); }
  Shard& shard(std::size_t index) noexcept { return *shards_[index]; }
  void start();  // one thread a shard
  // Runs `work` on every shard and waits for all; must not be called on a shard.
  void on_every_shard(const std::function<void(Shard&)>& work);
  void stop();  // stops the loops and joins

 private:
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::thread> threads_;
};

}  // namespace stoa::net
