#pragma once
// The part of a Batcher that does not depend on its types: the queue, the lane, which items are in the
// present transaction, and how results go back. The lane runs one job at a time, this object, again and
// again while there are items.
#include <stoa/core/ids.hpp>
#include <stoa/postgres/database.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace stoa::pg {

class Ticker;

// What an item weighs, and for whom. Where more waits than one commit takes, those who have least waiting are first, and an
// owner has an eighth of its bytes before the others had theirs; what is left is given in the order of add(). A full queue
// takes its place from whoever has most in it.
struct BatchWeight {
  std::size_t in_batch() const noexcept { return bytes + surcharge; }

  Uuid owner;
  std::size_t bytes = 0;
  std::size_t surcharge = 0;  // that it counts beyond its bytes in a batch: what is slow to commit
};

struct BatcherOptions {
  std::size_t batch = 512;   // items of one commit
  std::size_t queue = 8192;  // items that wait for a batch
  // Likewise in bytes, as their weights say; an item that is larger than a batch is committed alone.
  std::size_t batch_bytes = std::numeric_limits<std::size_t>::max();
  std::size_t queue_bytes = std::numeric_limits<std::size_t>::max();
  // Items of more than `large` bytes wait while this answers false, and what their owner added after them. Called on
  // the lane's thread.
  std::size_t large = std::numeric_limits<std::size_t>::max();
  std::function<bool()> large_may_go = {};
  std::chrono::milliseconds queue_timeout{5000};
  // How long a batch's first item waits for others while there is room: fewer, larger commits.
  std::chrono::milliseconds gather{0};
  // autocommit: for work that is one statement and so commits itself, which saves two round trips.
  Mode mode = Mode::transaction;
};

struct BatcherStats {
  std::size_t queued = 0;
  std::uint64_t commits = 0, committed = 0, failed = 0, refused = 0;  // the last three count items
};

}  // namespace stoa::pg

namespace stoa::pg::detail {

// An item and its waiting caller.
class BatchItem : public Waiter {
 public:
  std::chrono::steady_clock::time_point since;
  BatchWeight weight;
};
using BatchItemPtr = std::shared_ptr<BatchItem>;

class BatchLoop : public Job, public std::enable_shared_from_this<BatchLoop> {
 public:
  BatchLoop(DatabaseOptions database, BatcherOptions options);
  ~BatchLoop() override;

  // Any thread. Refusals reach the item's caller.
  void push(BatchItemPtr item);
  BatcherStats stats() const;
  void stop();

 protected:
  // All on whichever thread carries the lane at the moment, never two at once. Ranges are of the batch.
  virtual void load(std::span<const BatchItemPtr> batch) = 0;
  virtual void work(Tx& tx, std::size_t first, std::size_t count) = 0;
  // Publishes, and puts each item's result in its place.
  virtual void committed(std::span<const BatchItemPtr> items, std::size_t first) noexcept = 0;
  // Nobody knows whether these were committed.
  virtual void doubted(std::size_t first, std::size_t count) noexcept = 0;

 private:
  void run(Tx& tx) final;
  void succeed() final;
  void fail(std::exception_ptr why) final;

  struct Held {
    void add(std::size_t more) noexcept {
      ++items;
      bytes += more;
    }
    void take(std::size_t less) noexcept {
      --items;
      bytes -= less;
    }
    std::size_t items = 0;
    std::size_t bytes = 0;
  };

  bool is_full(const Held& waits, std::size_t bytes) const noexcept;
  std::vector<std::size_t> find_displaced(const BatchWeight& weight) const;
  void enter(BatchItemPtr item);
  void left(const BatchItem& item);
  void carry_on();
  void let_gather();
  void let_come();
  void gather(bool may_hold = false);
  void take_first();
  void take_fairly(bool holds);
  void settle(std::size_t count);
  void settle_failed(std::size_t count, const std::exception_ptr& why);
  void deliver(std::span<BatchItemPtr> items);
  void expire();

  const BatcherOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::condition_variable enough_;  // for a batch, or for good
  std::deque<BatchItemPtr> queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t queued_for_batch_ = 0;     // the same with the surcharges
  std::unordered_map<Uuid, Held> held_;  // what each owner has in the queue
  bool running_ = false;                 // the lane has, or is about to get, its job
  bool stopping_ = false;
  bool waits_for_more_ = false;  // than what may not go yet
  BatcherStats stats_;

  // Used only by the thread that carries the lane.
  std::vector<BatchItemPtr> batch_;
  std::size_t first_ = 0;  // before it all are settled
  std::size_t count_ = 0;  // in the present transaction
  bool begun_ = false;     // the present transaction's work has run, perhaps not to its end

  std::unique_ptr<Ticker> ticker_;
  Database lane_;
};

}  // namespace stoa::pg::detail
