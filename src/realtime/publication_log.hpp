#pragma once
// The last publications that reached this node's hub, in the order of their numbers. Bounded in time and bytes.
//
// One publishes at a time, under the hub's lock; any number of threads look things up meanwhile, without it. What is
// written stays as it is: entries stand in chunks that are filled one after another, and a reader sees of the newest as
// many as are filled when it gets there. Old chunks leave the list as a whole; a reader that still looks through them
// keeps them.
#include <stoa/core/config.hpp>
#include <stoa/realtime/broker.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace stoa::realtime {

class PublicationLog {
 public:
  using Clock = std::chrono::steady_clock;

  explicit PublicationLog(const config::SocketIo& limits) : limits_(limits) {}

  // ---- By whoever publishes ----
  // From the first session on that may come back; until then nothing is kept. `published`: the last number given.
  void begin(std::uint64_t published, Clock::time_point now);
  // What has been published up to here is not there to be found any more.
  void forget(std::uint64_t published, Clock::time_point now);
  // `first`: the number of the batch's first publication; the others follow it. Of a batch whose topics do not recover the
  // numbers alone are kept.
  void add(const Batch& batch, std::uint64_t first, Clock::time_point now);

  // ---- Any thread ----
  bool begun() const noexcept { return begun_.load(std::memory_order_acquire); }
  // The number of the last publication; 0 until it has begun.
  std::uint64_t latest() const;
  // Whether everything after that number is still here. False too for a number that was never given.
  bool reaches(std::uint64_t number) const;

  struct Found {
    Batch batch;
    std::size_t index;
    std::uint64_t number;
  };
  struct Missed {
    std::vector<Found> publications;
    std::uint64_t up_to;  // the last one that was looked at, or came before
  };
  // What came after `number` on one of the topics. Empty where reaches() would be false.
  std::optional<Missed> since(std::uint64_t number, std::span<const Topic> topics) const;

 private:
  struct Entry {
    Batch batch;  // null where none of it is for sessions that come back
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    // A bit for each, by its hash: what lacks a reader's bits is not for it.
    std::uint64_t topics = 0;
  };
  struct Chunk {
    Chunk(std::uint64_t last_before, std::size_t room, Clock::time_point now)
        : before(last_before), capacity(room), begun(now), newest(now), entries(new Entry[room]) {}

    std::size_t size() const noexcept { return filled.load(std::memory_order_acquire); }
    // The last number in it.
    std::uint64_t last(std::size_t size) const {
      return size == 0 ? before : entries[size - 1].last;
    }

    const std::uint64_t before;  // the number that the first entry follows
    const std::size_t capacity;
    // The publisher's.
    const Clock::time_point begun;
    Clock::time_point newest;
    std::size_t bytes = 0;

    const std::unique_ptr<Entry[]> entries;
    std::atomic<std::size_t> filled{0};
  };
  // Never empty once it has begun; the last one is being filled.
  using Chunks = std::vector<std::shared_ptr<Chunk>>;

  static std::uint64_t bit_of(const Topic& topic) noexcept;
  std::shared_ptr<const Chunks> snapshot() const;
  void replace(std::shared_ptr<const Chunks> chunks);
  bool is_full(const Chunk& chunk, Clock::time_point now) const;
  void drop_old(Clock::time_point now);
  std::shared_ptr<Chunk> make_chunk(std::uint64_t before, Clock::time_point now) const;

  const config::SocketIo& limits_;
  std::atomic<bool> begun_{false};
  // The publisher's, all chunks together.
  std::size_t bytes_ = 0;
  std::size_t entries_ = 0;
  std::shared_ptr<const Chunks> chunks_;  // changes under the mutex; the publisher reads it without
  mutable std::mutex mutex_;  // held to copy or to replace the pointer, and for nothing else
};

}  // namespace stoa::realtime
