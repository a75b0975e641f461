#include "worker.hpp"

#include "frame.hpp"
#include "process.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace load {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr int kOpeningAtOnce = 32;  // a thread; stays below every server's accept backlog

bool is_early(Role role) {
  return role == Role::kMember || role == Role::kCallee;
}

}  // namespace

Worker::Worker(const Options& options, const Dialect& dialect, const std::atomic<Phase>& phase)
    : options_(options), dialect_(dialect), phase_(phase), poller_(options.sleeps) {}

Worker::~Worker() = default;

void Worker::add(Connection connection) {
  connections_.push_back(std::move(connection));
}

void Worker::run() {
  if (options_.scenario == Scenario::kEcho) ask_for_short_slices();
  for (;;) {
    const Phase phase = phase_.load(std::memory_order_acquire);
    if (phase == Phase::kStop) return;
    // A thread that was kept waiting may see the later of the two first.
    const bool begins = is_running(phase) && !is_running(seen_);
    seen_ = phase;
    if (phase == Phase::kMembers) open_more(true);
    if (phase == Phase::kSenders) open_more(false);
    if (begins) {
      for (Connection& connection : connections_) start(connection);
    }
    for (const epoll_event& event : poller_.wait(ask_those_that_are_due())) {
      Connection& connection = connections_[event.data.u32];
      if (connection.stream.is_open()) read_all(connection);
    }
  }
}

void Worker::open_more(bool early) {
  std::size_t& next = early ? next_early_ : next_late_;
  while (opening_ < kOpeningAtOnce && next < connections_.size()) {
    Connection& connection = connections_[next++];
    if (is_early(connection.role) != early || connection.role == Role::kVisitor) continue;
    ++opening_;
    open(connection);
  }
}

void Worker::open(Connection& connection) {
  try {
    connection.stream = Stream(options_.port, options_.has_tls);
  } catch (const std::runtime_error& error) {
    return close(connection, error.what());
  }
  poller_.add(connection.stream.fd(),
              static_cast<std::uint32_t>(&connection - connections_.data()));
  const std::string token =
      options_.tokens.empty() ? "" : options_.tokens[connection.index % options_.tokens.size()];
  const std::string target = dialect_.target(token, connection.index);
  if (target.empty()) {
    become_ready(connection);
    return;
  }
  connection.state = State::kUpgrading;
  connection.out = "GET " + target +
                   " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options_.port) +
                   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Version: 13\r\n\r\n";
  flush(connection);
}

void Worker::read_all(Connection& connection) {
  if (!connection.out.empty()) flush(connection);
  while (connection.stream.is_open() && read_some(connection)) continue;
  // Over TLS, what was to be sent may have waited for what was read.
  if (connection.stream.is_open() && !connection.out.empty()) flush(connection);
  if (connection.state == State::kDone) revisit(connection);
}

// One read. True when there may be more: the events come by edge.
bool Worker::read_some(Connection& connection) {
  const std::size_t kept = connection.carry.size();
  if (buffer_.size() < kept + kReadBytes) buffer_.resize(kept + kReadBytes);
  if (kept > 0) std::memcpy(buffer_.data(), connection.carry.data(), kept);
  const ssize_t got = connection.stream.read(buffer_.data() + kept, kReadBytes);
  if (got < 0 && errno == EINTR) return true;
  if (got < 0 && errno == EAGAIN) return false;
  if (got <= 0) {
    close(connection, got == 0 ? "closed by the server" : std::strerror(errno));
    return false;
  }
  now_ = now_nanoseconds();
  bump(counters_.reads);
  bump(counters_.bytes, static_cast<std::uint64_t>(got));
  const std::string_view data(buffer_.data(), kept + static_cast<std::size_t>(got));
  std::size_t used = 0;
  if (connection.state == State::kUpgrading) used = finish_upgrade(connection, data);
  if (connection.state != State::kUpgrading && connection.stream.is_open()) {
    used += walk_frames(data.substr(used), [&](std::uint8_t opcode, std::string_view payload) {
      on_frame(connection, opcode, payload);
    });
  }
  if (!connection.stream.is_open()) return false;
  connection.carry.assign(data.substr(used));
  if (!connection.out.empty()) flush(connection);
  return options_.has_tls || got == static_cast<ssize_t>(kReadBytes);
}

std::size_t Worker::finish_upgrade(Connection& connection, std::string_view data) {
  const std::size_t end = data.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  if (!data.starts_with("HTTP/1.1 101")) {
    close(connection, data.substr(0, 400));
    return data.size();
  }
  connection.state = State::kOpening;
  if (!dialect_.has_greeting()) greet(connection, {});
  return end + 4;
}

void Worker::on_frame(Connection& connection, std::uint8_t opcode, std::string_view payload) {
  if (!connection.stream.is_open()) return;
  if (opcode == kText) {
    on_text(connection, payload);
  } else if (opcode == kPing) {
    append_client_frame(connection.out, kPong, payload);
  } else if (opcode == kClose) {
    close(connection, payload.size() > 2 ? payload.substr(2) : "close frame");
  }
}

void Worker::on_text(Connection& connection, std::string_view payload) {
  switch (dialect_.classify(payload)) {
    case Kind::kDelivery:
      on_delivery(connection, payload);
      break;
    case Kind::kAck:
      on_answer(connection, payload);
      break;
    case Kind::kOpen: {
      const bool has_token = !options_.tokens.empty();
      dialect_.append_connect(
          connection.out,
          has_token ? options_.tokens[connection.index % options_.tokens.size()] : std::string());
      connection.state = State::kConnecting;
      break;
    }
    case Kind::kConnected:
      greet(connection, payload);
      break;
    case Kind::kPing:
      append_client_frame(connection.out, kText, "3");
      break;
    case Kind::kError:
      bump(counters_.errors);
      note_error(payload);
      if (connection.state == State::kReady) on_answer(connection, payload);
      break;
    case Kind::kOther:
      break;
  }
}

void Worker::become_ready(Connection& connection) {
  connection.state = State::kReady;
  --opening_;
  bump(is_early(connection.role) ? counters_.ready_early : counters_.ready_late);
}

void Worker::flush(Connection& connection) {
  const ssize_t sent = connection.stream.write(connection.out.data(), connection.out.size());
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    close(connection, std::strerror(errno));
    return;
  }
  if (sent > 0) connection.out.erase(0, static_cast<std::size_t>(sent));
}

void Worker::close(Connection& connection, std::string_view why) {
  note_error(why);
  if (connection.state != State::kReady && connection.role != Role::kVisitor) --opening_;
  connection.stream.close();
  connection.state = State::kClosed;
  bump(counters_.closed);
}

void Worker::note_error(std::string_view text) {
  if (first_error_.empty()) first_error_ = std::string(text.substr(0, 400));
}

}  // namespace load
