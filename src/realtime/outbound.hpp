#pragma once
// The outbound queue of a connection: shared immutable frames, appended by the hub, by answers and by the
// transport's own control frames alike, so that nothing interleaves. Queues are flushed at the end of the present
// turn of the event loop, or up to two turns later while further queues are touched, each with one gathered
// write. Lives on its shard.
//
// Bounded in bytes and frames of what the kernel does not take: a burst over the bound is written at once,
// and only where that does not make room append() answers false and leaves the queue as it was. A frame that
// is larger than the bound goes out when nothing else waits, since it would never fit. What other clients send has half of
// the bound, and each of them a half of that, counted since the queue was last empty. What the kernel does not take counts in
// the shard's net::WaitingBytes; a frame that waits in many queues counts in each.
#include "realtime/counters.hpp"
#include "realtime/frame.hpp"

#include <stoa/core/config.hpp>
#include <stoa/net/rate_key.hpp>
#include <stoa/net/stream.hpp>
#include <stoa/net/waiting_bytes.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>

namespace stoa::realtime {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

// Where coroutines wait until it is rung, which wakes all of them. The owner outlives the waits. Of one shard.
class Doorbell {
 public:
  Task<> wait(Executor executor);
  void ring() {
    if (first_ != nullptr) wake_all();
  }

 private:
  struct Waiting;
  void wake_all();

  Waiting* first_ = nullptr;  // those that wait, in their frames
};

class Outbound;

// The queues of one shard that have something to write; flushed at the end of the present turn, or up to kTurns later
// while further queues are touched: the senders of a batch of messages are resumed in the turn after its events
// are told, and so the answers leave with them.
class Flusher {
 public:
  Flusher(Executor executor, net::WaitingBytes& waiting)
      : executor_(std::move(executor)), waiting_(waiting) {}
  const Executor& executor() const noexcept { return executor_; }
  net::WaitingBytes& waiting() noexcept { return waiting_; }
  std::size_t touch(Outbound* queue);
  void forget(std::size_t place) noexcept { touched_[place] = nullptr; }

 private:
  static constexpr int kTurns = 2;  // that a flush is put off at most

  void post();
  void end_turn();
  void flush();

  Executor executor_;
  net::WaitingBytes& waiting_;
  std::vector<Outbound*> touched_;
  std::vector<Outbound*> flushing_;
  std::size_t seen_ = 0;  // queues when the present turn began
  int turns_ = 0;         // that the flush was put off
  bool posted_ = false;
};

// The carrier of the frames of a queue that has no stream, or not yet; it hears when a session that uses the
// queue is over, where several do.
class Carrier {
 public:
  virtual ~Carrier() = default;
  virtual void frames_wait() = 0;
  virtual void session_over() = 0;
};

struct OutboundLimits {
  std::size_t bytes = 0;
  std::size_t frames = 0;
};

// Without a stream the carrier takes the frames, until a stream is attached.
class Outbound : public std::enable_shared_from_this<Outbound> {
 public:
  // Flusher and counters outlive the queue. What is in flight keeps the queue, and so the stream, alive.
  // `stream` may be null, then with a carrier.
  Outbound(std::unique_ptr<net::Stream> stream, Flusher& flusher, ShardCounters& counters,
           OutboundLimits limits);
  ~Outbound();
  Outbound(const Outbound&) = delete;
  Outbound& operator=(const Outbound&) = delete;

  // False: the queue is full.
  bool append(Frame frame) {
    if (!fits(frame)) {
      flush();
      if (!fits(frame)) return false;
    }
    append_always(std::move(frame));
    return true;
  }
  // What another client sends, and may have no more than its share. False: there is no room for it.
  bool append_of(const net::RateKey& sender, Frame frame);
  // What empties the queue instead of a stream; it stays until null is set.
  void carried_by(Carrier* carrier) noexcept { carrier_ = carrier; }
  void attach(std::unique_ptr<net::Stream> stream);
  // Whose bytes they are.
  void belongs_to(TurnKey who) noexcept { holding_.belongs_to(who); }
  const TurnKey& owner() const noexcept { return holding_.owner(); }
  // Closes whoever sends here with kSlowReader, when the queue has been emptied because too much waits on the shard.
  void on_surplus(std::function<void()> close) { on_surplus_ = std::move(close); }
  // All that waits, for the carrier.
  std::vector<Frame> take();

  // For the close frame, and only for it.
  void append_always(Frame frame);
  // Lets go of what has not begun to leave; answers how many frames that were.
  std::size_t drop_waiting();

  std::size_t frames() const noexcept { return queue_.size() - head_; }
  std::size_t bytes() const noexcept { return bytes_; }
  bool failed() const noexcept { return failed_; }

  // Ends when everything has been handed to the kernel or the connection has failed.
  Task<> drained();
  // A session that uses the queue has closed.
  void session_over();
  // Ends the read that is under way: at once, or over TLS when the write under way has ended, since a
  // TLS stream does not survive the cancellation of a write.
  void wake_reader();
  // Nothing is written or read any more.
  void close();
  net::Stream& stream() noexcept { return *stream_; }

 private:
  friend class Flusher;
  static constexpr std::size_t kGather = 64;                    // frames in one write
  static constexpr std::size_t kTlsRecord = 16 * config::kKiB;  // bytes coalesced for one TLS write
  static constexpr std::size_t kKept = 32;  // queue slots that an idle connection keeps

  bool fits(const Frame& frame) const noexcept {
    return frames() == 0 || (frames() < limits_.frames && bytes_ + frame.size() <= limits_.bytes);
  }
  bool fits(const net::RateKey& sender, const Frame& frame) const;
  void touch();
  void flush();
  void count() { holding_.set(bytes_); }
  void give_up();
  void flush_plain();
  void flush_tls();
  void sent(std::size_t bytes);
  void wait_writable();
  void fail();
  void settle();

  std::unique_ptr<net::Stream> stream_;
  Carrier* carrier_ = nullptr;
  Flusher* flusher_;
  ShardCounters* counters_;
  OutboundLimits limits_;
  std::vector<Frame> queue_;
  std::size_t head_ = 0;    // the first frame that has not left
  std::size_t offset_ = 0;  // how much of it has
  std::size_t bytes_ = 0;
  static constexpr std::size_t kUntouched = SIZE_MAX;
  std::size_t place_ = kUntouched;  // in the flusher's list
  struct Shares {
    OutboundLimits all{0, 0};
    std::unordered_map<net::RateKey, OutboundLimits> by_sender;
  };
  std::unique_ptr<Shares> shares_;  // of other clients; null where they have sent nothing
  bool blocked_ = false;            // a write is under way, or the socket is full
  bool failed_ = false;
  bool wake_reader_ = false;  // once all has been written
  Doorbell drained_;
  net::Holding holding_;
  std::function<void()> on_surplus_;
};

}  // namespace stoa::realtime
