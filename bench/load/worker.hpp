#pragma once
// The threads that hold the WebSocket connections: connect, upgrade, join, then count what comes
// and keep each sender's window full.
//
// A worker never sleeps: it asks epoll again and again. So a server's send() does not pay for
// waking the generator (several microseconds on a virtual machine), latencies are not rounded up by
// the scheduler, and the time of the rounds that found nothing is what the generator has to spare.
//
// A Connection and a Worker belong to one thread. A Room is shared: its sender's thread writes
// the times of sending, the threads of its members read them; the n-th delivery that a member
// sees is the n-th message its room's only sender sent, so no payload needs parsing.

#include "dialect.hpp"
#include "histogram.hpp"
#include "options.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace load {

// Set by the main thread alone, in this order. Members join before senders, so that a sender's
// own copy of a broadcast is among the last.
enum class Phase : int { kMembers, kSenders, kRun, kMeasure, kDrain, kStop };

struct Room {
  static constexpr std::size_t kTimes = 8192;  // messages a member may lag and still be timed
  std::string id;
  std::atomic<std::uint64_t> sent{0};
  std::unique_ptr<std::atomic<std::int64_t>[]> times;
};

enum class State { kNew, kUpgrading, kOpening, kConnecting, kJoining, kReady, kClosed };

struct Connection {
  int fd = -1;
  std::uint32_t index = 0;
  State state = State::kNew;
  bool is_sender = false;
  int in_flight = 0;
  Room* room = nullptr;
  std::uint64_t received = 0;  // deliveries
  std::uint64_t next_id = 1;
  std::vector<std::int64_t> send_times;  // by id modulo its size, senders only
  std::string carry;                     // the start of a frame that is not whole yet
  std::string out;                       // what the socket did not take yet
};

// Written by the worker's thread, read by the main thread at the window's edges.
struct alignas(64) Counters {
  std::atomic<std::uint64_t> deliveries{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> acks{0};
  std::atomic<std::uint64_t> sends{0};
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> errors{0};
  std::atomic<std::uint64_t> closed{0};
  std::atomic<std::uint64_t> busy_nanoseconds{0};  // in rounds that found something to do
  std::atomic<std::uint64_t> misordered{0};
  std::atomic<std::uint64_t> ready_members{0};
  std::atomic<std::uint64_t> ready_senders{0};
};

class Worker {
 public:
  Worker(const Options& options, const Dialect& dialect, const std::atomic<Phase>& phase);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void add(Connection connection);  // before run()
  void run();                       // the thread's body, until Phase::kStop

  const Counters& counters() const { return counters_; }
  const std::vector<Connection>& connections() const { return connections_; }  // after run()
  const Histogram& delivery_latency() const { return delivery_latency_; }      // after run()
  const Histogram& ack_latency() const { return ack_latency_; }                // after run()
  const std::string& first_error() const { return first_error_; }              // after run()

 private:
  void open_more(bool senders);
  void open(Connection& connection);
  bool on_readable(Connection& connection);
  std::size_t finish_upgrade(Connection& connection, std::string_view data);
  void on_frame(Connection& connection, std::uint8_t opcode, std::string_view payload);
  void on_text(Connection& connection, std::string_view payload);
  void on_delivery(Connection& connection, std::string_view payload);
  void on_answer(Connection& connection, std::string_view payload);
  void greet(Connection& connection);
  void become_ready(Connection& connection);
  void fill_window(Connection& connection);
  void flush(Connection& connection);
  void close(Connection& connection, std::string_view why);
  void note_error(std::string_view text);

  const Options& options_;
  const Dialect& dialect_;
  const std::atomic<Phase>& phase_;
  Phase seen_ = Phase::kMembers;
  int epoll_ = -1;
  int opening_ = 0;
  std::size_t next_member_ = 0;
  std::size_t next_sender_ = 0;
  std::int64_t now_ = 0;  // read once a recv()
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
  Counters counters_;
  Histogram delivery_latency_;
  Histogram ack_latency_;
  std::string first_error_;
};

}  // namespace load
