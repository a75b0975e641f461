#pragma once
// The threads that hold the WebSocket connections: connect, upgrade, and then what the role of each wants
// (roles.cpp).
//
// A Connection and a Worker belong to one thread. A Room is shared: its sender's thread writes
// the times of sending, the threads of its members read them; the n-th delivery that a member
// sees is the n-th message its room's only sender sent, so no payload needs parsing.

#include "dialect.hpp"
#include "histogram.hpp"
#include "options.hpp"
#include "poller.hpp"
#include "stream.hpp"

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
constexpr bool is_running(Phase phase) {
  return phase == Phase::kRun || phase == Phase::kMeasure;
}

struct Room {
  static constexpr std::size_t kTimes = 8192;  // messages a member may lag and still be timed
  std::string id;
  std::atomic<std::uint64_t> sent{0};
  std::unique_ptr<std::atomic<std::int64_t>[]> times;
  // relay: what the server calls the two of the pair; each is written before its connection counts as ready.
  std::string caller_address;
  std::string callee_address;
};

enum class State { kNew, kUpgrading, kOpening, kConnecting, kJoining, kReady, kDone, kClosed };

// kMember hears a room. kSender hears it too and keeps its window of messages full. kCaller keeps its window
// of signals to the callee full, and kCallee gives each one back. kEcho asks for acknowledgements at its
// pace. kVisitor connects, asks for one and closes, again and again.
enum class Role { kMember, kSender, kCaller, kCallee, kEcho, kVisitor };

constexpr int kMaxEchoes = 1024;  // that one connection waits for at once

struct Connection {
  Stream stream;
  std::uint32_t index = 0;
  State state = State::kNew;
  Role role = Role::kMember;
  int in_flight = 0;
  Room* room = nullptr;
  std::uint64_t received = 0;  // deliveries
  std::uint64_t next_id = 1;
  std::vector<std::int64_t> send_times;  // by id modulo its size, of those that have a window
  std::int64_t due = 0;                  // kEcho: when it asks next; kVisitor: when it began
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
  std::atomic<std::uint64_t> misordered{0};
  std::atomic<std::uint64_t> ready_early{0};  // members and callees
  std::atomic<std::uint64_t> ready_late{0};
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
  double busy_seconds() const { return poller_.busy_seconds(); }
  const std::vector<Connection>& connections() const { return connections_; }  // after run()
  const Histogram& delivery_latency() const { return delivery_latency_; }      // after run()
  const Histogram& ack_latency() const { return ack_latency_; }                // after run()
  const std::string& first_error() const { return first_error_; }              // after run()

 private:
  void open_more(bool early);
  void open(Connection& connection);
  void read_all(Connection& connection);
  bool read_some(Connection& connection);
  std::size_t finish_upgrade(Connection& connection, std::string_view data);
  void on_frame(Connection& connection, std::uint8_t opcode, std::string_view payload);
  void on_text(Connection& connection, std::string_view payload);
  void become_ready(Connection& connection);
  void flush(Connection& connection);
  void close(Connection& connection, std::string_view why);
  void note_error(std::string_view text);

  // What the roles do (roles.cpp).
  void greet(Connection& connection, std::string_view frame);
  void start(Connection& connection);
  void on_delivery(Connection& connection, std::string_view payload);
  void on_answer(Connection& connection, std::string_view payload);
  void fill_window(Connection& connection);
  void send_message(Connection& connection);
  void send_signal(Connection& connection);
  void ask(Connection& connection);
  std::int64_t ask_those_that_are_due();
  void revisit(Connection& connection);
  bool runs() const { return is_running(phase_.load(std::memory_order_relaxed)); }
  void measure(Histogram& latency, std::int64_t since);

  const Options& options_;
  const Dialect& dialect_;
  const std::atomic<Phase>& phase_;
  Phase seen_ = Phase::kMembers;
  Poller poller_;
  int opening_ = 0;
  std::size_t next_early_ = 0;
  std::size_t next_late_ = 0;
  std::int64_t now_ = 0;  // read once a recv()
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
  Counters counters_;
  Histogram delivery_latency_;
  Histogram ack_latency_;
  std::string first_error_;
};

// One writer a counter: a plain addition. What was written before it is seen by who reads it.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_release);
}

}  // namespace load
