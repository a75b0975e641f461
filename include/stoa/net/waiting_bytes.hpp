#pragma once
// How many bytes wait in the connections of one shard: those that have come and are not dealt with yet, and those that are to be
// sent and that the client has not taken. The process has one budget for all of them (server.max_waiting_bytes), of which each
// shard has an equal part, so that nothing crosses threads. Over its part a shard ends the largest holdings of whoever has most, until
// it is a tenth below: so whoever stays within what others have is never ended for somebody else's flood.
#include <stoa/core/fair_queue.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>

namespace stoa::net {

class WaitingBytes;

// What waits in one place of one connection. Of its shard; the ledger outlives it. Says nothing until it is told a number.
class Holding : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  // `end` lets go of the bytes, as a rule with the connection. It runs in a turn of its own, and may destroy the holding.
  Holding(WaitingBytes& ledger, std::function<void()> end);
  ~Holding();
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;

  // Whose bytes they are: the address's, and within it the person's (turns.hpp, share_of()).
  void belongs_to(TurnKey who) noexcept { who_ = who; }
  const TurnKey& owner() const noexcept { return who_; }
  // Constant time; one holding in some thousands looks through all of the shard (WaitingBytes).
  void set(std::size_t bytes);
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  friend class WaitingBytes;

  WaitingBytes& ledger_;
  std::function<void()> end_;
  TurnKey who_;
  std::size_t bytes_ = 0;
  bool is_ended_ = false;  // until nothing is left of it
};

// Of one shard, but for what the metrics read.
class WaitingBytes {
 public:
  WaitingBytes() = default;
  WaitingBytes(const WaitingBytes&) = delete;
  WaitingBytes& operator=(const WaitingBytes&) = delete;

  // Before there is a holding: where they are ended, and the shard's part, which has no bound without that. What waits in the
  // loop may have holdings, so the ledger outlives it.
  void limit(boost::asio::io_context& context, std::size_t most) noexcept {
    context_ = &context;
    most_ = most;
  }

  // Any thread: bytes that wait, and holdings that were ended.
  std::size_t waiting() const noexcept { return sum_.load(std::memory_order_relaxed); }
  std::uint64_t ended() const noexcept { return ended_.load(std::memory_order_relaxed); }

 private:
  friend class Holding;
  using Holdings = boost::intrusive::list<Holding, boost::intrusive::constant_time_size<false>>;

  void change(Holding& one, std::size_t bytes);
  void choose();
  void end_chosen();

  boost::asio::io_context* context_ = nullptr;
  std::size_t most_ = SIZE_MAX;
  Holdings all_;
  Holdings chosen_;        // to be ended in the next turn
  std::size_t going_ = 0;  // of the sum: what has been ended and is still there
  std::atomic<std::size_t> sum_{0};
  std::atomic<std::uint64_t> ended_{0};
};

inline void Holding::set(std::size_t bytes) {
  if (bytes != bytes_) ledger_.change(*this, bytes);
}

}  // namespace stoa::net
