// What the connections of each role do, once they are open.
#include "frame.hpp"
#include "process.hpp"
#include "worker.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>

#include <unistd.h>

namespace load {
namespace {

constexpr std::uint32_t kCheckedShare = 64;  // one connection in so many verifies the order
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// Unique in the database for as long as the process id and the clock are.
std::string make_client_id(std::uint64_t connection, std::uint64_t number) {
  static const auto kRun = static_cast<std::uint64_t>(now_nanoseconds());
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-8%03x-%012llx",
                static_cast<unsigned>(kRun & 0xFFFFFFFF), static_cast<unsigned>(getpid() & 0xFFFF),
                static_cast<unsigned>((kRun >> 32) & 0xFFF),
                static_cast<unsigned>((kRun >> 44) & 0xFFF),
                static_cast<unsigned long long>((connection << 32 | number) & 0xFFFFFFFFFFFF));
  return text.data();
}

}  // namespace

void Worker::measure(Histogram& latency, std::int64_t since) {
  if (seen_ == Phase::kMeasure) latency.record(now_ - since);
}

// The handshake is done; `frame` said so, where the server speaks first.
void Worker::greet(Connection& connection, std::string_view frame) {
  const bool is_one_of_a_pair =
      connection.role == Role::kCaller || connection.role == Role::kCallee;
  if (connection.role == Role::kVisitor) {
    connection.state = State::kReady;
    dialect_.append_echo(connection.out, connection.next_id++);
  } else if (is_one_of_a_pair && !dialect_.has_seats()) {
    const std::string address = dialect_.address(frame, connection.index);
    Room& room = *connection.room;
    (connection.role == Role::kCaller ? room.caller_address : room.callee_address) = address;
    become_ready(connection);
  } else if (connection.room == nullptr) {
    become_ready(connection);
  } else {
    connection.state = State::kJoining;
    const std::uint64_t id = connection.next_id++;
    if (is_one_of_a_pair) {
      dialect_.append_seat(connection.out, connection.room->id, id);
    } else {
      dialect_.append_join(connection.out, connection.room->id, id);
    }
  }
}

// The run begins.
void Worker::start(Connection& connection) {
  now_ = now_nanoseconds();
  switch (connection.role) {
    case Role::kMember:
    case Role::kCallee:
      return;
    case Role::kSender:
    case Role::kCaller:
      fill_window(connection);
      flush(connection);
      return;
    case Role::kEcho: {
      // Spread out over the time between two.
      const std::int64_t step = std::int64_t{options_.every_ms} * 1'000'000 /
                                static_cast<std::int64_t>(connections_.size());
      connection.due = now_ + step * (&connection - connections_.data());
      if (options_.every_ms == 0) ask(connection);
      return;
    }
    case Role::kVisitor:
      revisit(connection);
      return;
  }
}

void Worker::on_delivery(Connection& connection, std::string_view payload) {
  bump(counters_.deliveries);
  const std::uint64_t number = connection.received++;
  Room* room = connection.room;
  if (connection.role == Role::kCallee) {
    dialect_.append_signal(connection.out, room->id, room->caller_address);
    return;
  }
  if (connection.role == Role::kCaller) {
    // The pair's signals keep their order, there and back.
    measure(ack_latency_, connection.send_times[number % connection.send_times.size()]);
    bump(counters_.acks);
    --connection.in_flight;
    fill_window(connection);
    return;
  }
  if (room == nullptr || room->times == nullptr) return;
  measure(delivery_latency_, room->times[number % Room::kTimes].load(std::memory_order_relaxed));
  if (connection.index % kCheckedShare == 0 &&
      content_sequence(payload) != static_cast<std::int64_t>(number)) {
    bump(counters_.misordered);
  }
}

void Worker::on_answer(Connection& connection, std::string_view payload) {
  if (connection.state == State::kJoining) {
    if (connection.role == Role::kCaller) {
      connection.room->caller_address = dialect_.address(payload, connection.index);
    } else if (connection.role == Role::kCallee) {
      connection.room->callee_address = dialect_.address(payload, connection.index);
    }
    become_ready(connection);
    return;
  }
  if (connection.role == Role::kVisitor) {
    bump(counters_.acks);
    measure(ack_latency_, connection.due);
    connection.stream.close();
    connection.state = State::kDone;
    return;
  }
  if (connection.in_flight == 0) return;
  bump(counters_.acks);
  const std::size_t slot = dialect_.ack_id(payload) % connection.send_times.size();
  measure(ack_latency_, connection.send_times[slot]);
  --connection.in_flight;
  if (connection.role == Role::kSender) fill_window(connection);
  if (connection.role == Role::kEcho && options_.every_ms == 0 && runs()) ask(connection);
}

void Worker::fill_window(Connection& connection) {
  if (connection.state != State::kReady || !runs()) return;
  while (connection.in_flight < options_.window) {
    if (connection.role == Role::kSender) send_message(connection);
    if (connection.role == Role::kCaller) send_signal(connection);
    ++connection.in_flight;
    bump(counters_.sends);
  }
}

void Worker::send_message(Connection& connection) {
  Room& room = *connection.room;
  const std::uint64_t id = connection.next_id++;
  const std::uint64_t number = room.sent.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t now = now_nanoseconds();
  connection.send_times[id % connection.send_times.size()] = now;
  if (room.times) room.times[number % Room::kTimes].store(now, std::memory_order_relaxed);
  dialect_.append_send(connection.out, room.id, make_content(number, options_.content_bytes),
                       make_client_id(connection.index, id), id);
}

void Worker::send_signal(Connection& connection) {
  Room& room = *connection.room;
  const std::uint64_t number = room.sent.fetch_add(1, std::memory_order_relaxed);
  connection.send_times[number % connection.send_times.size()] = now_nanoseconds();
  dialect_.append_signal(connection.out, room.id, room.callee_address);
}

void Worker::ask(Connection& connection) {
  const std::uint64_t id = connection.next_id++;
  connection.send_times[id % connection.send_times.size()] = now_nanoseconds();
  dialect_.append_echo(connection.out, id);
  ++connection.in_flight;
  bump(counters_.sends);
  flush(connection);
}

// Each at its time, whether or not the answer to the one before is there: so none waits for another. Answers
// when the next one is due.
std::int64_t Worker::ask_those_that_are_due() {
  if (options_.scenario != Scenario::kEcho || options_.every_ms == 0 || !runs()) return kNever;
  const std::int64_t step = std::int64_t{options_.every_ms} * 1'000'000;
  const std::int64_t now = now_nanoseconds();
  std::int64_t next = kNever;
  for (Connection& connection : connections_) {
    if (connection.state != State::kReady || connection.due == 0) continue;
    if (connection.due <= now) {
      connection.due += step;
      if (connection.in_flight < kMaxEchoes) {
        ask(connection);
      } else {
        bump(counters_.errors);
        note_error("a connection waits for " + std::to_string(kMaxEchoes) + " echoes already");
      }
    }
    next = std::min(next, connection.due);
  }
  return next;
}

// A new connection in the place of the one that has ended.
void Worker::revisit(Connection& connection) {
  if (!runs()) return;
  connection.carry.clear();
  connection.out.clear();
  connection.due = now_nanoseconds();
  bump(counters_.sends);
  open(connection);
}

}  // namespace load
