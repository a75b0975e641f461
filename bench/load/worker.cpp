#include "worker.hpp"

#include "frame.hpp"
#include "process.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace load {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr int kOpeningAtOnce = 32;           // a thread; stays below every server's accept backlog
constexpr std::uint32_t kCheckedShare = 64;  // one connection in so many verifies the order

// One writer a counter: a plain addition, which readers may see late but never torn.
void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

int connect_loopback(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    const std::string why = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    throw std::runtime_error("connect: " + why);
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  // No acknowledgement of its own for each segment: they would load the server's core with work
  // that a real client on a network, where they are delayed, does not cause.
  const int off = 0;
  setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
  return fd;
}

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

Worker::Worker(const Options& options, const Dialect& dialect, const std::atomic<Phase>& phase)
    : options_(options), dialect_(dialect), phase_(phase), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::runtime_error("epoll_create1");
}

Worker::~Worker() {
  for (Connection& connection : connections_) {
    if (connection.fd >= 0) ::close(connection.fd);
  }
  ::close(epoll_);
}

void Worker::add(Connection connection) {
  connections_.push_back(std::move(connection));
}

void Worker::run() {
  std::array<epoll_event, 512> events{};
  for (;;) {
    const Phase phase = phase_.load(std::memory_order_acquire);
    if (phase == Phase::kStop) return;
    if (phase == Phase::kMembers) open_more(false);
    if (phase == Phase::kSenders) open_more(true);
    if (phase == Phase::kRun && seen_ != Phase::kRun) {
      for (Connection& connection : connections_) fill_window(connection);
    }
    seen_ = phase;
    const std::int64_t started = now_nanoseconds();
    const int count = epoll_wait(epoll_, events.data(), events.size(), 0);
    for (int i = 0; i < count; ++i) {
      Connection& connection = connections_[events[static_cast<std::size_t>(i)].data.u32];
      if (connection.fd < 0) continue;
      if (!connection.out.empty()) flush(connection);
      while (connection.fd >= 0 && on_readable(connection)) continue;
    }
    if (count > 0) {
      bump(counters_.busy_nanoseconds, static_cast<std::uint64_t>(now_nanoseconds() - started));
    }
  }
}

void Worker::open_more(bool senders) {
  std::size_t& next = senders ? next_sender_ : next_member_;
  while (opening_ < kOpeningAtOnce && next < connections_.size()) {
    Connection& connection = connections_[next++];
    if (connection.is_sender != senders) continue;
    try {
      open(connection);
    } catch (const std::runtime_error& error) {
      note_error(error.what());
      connection.state = State::kClosed;
      bump(counters_.closed);
    }
  }
}

void Worker::open(Connection& connection) {
  connection.fd = connect_loopback(options_.port);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.u32 = static_cast<std::uint32_t>(&connection - connections_.data());
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  const std::string token =
      options_.tokens.empty() ? "" : options_.tokens[connection.index % options_.tokens.size()];
  const std::string target = dialect_.target(token);
  ++opening_;
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

// One recv(). True when it filled the buffer, so that there may be more: the events come by edge.
bool Worker::on_readable(Connection& connection) {
  const std::size_t kept = connection.carry.size();
  if (buffer_.size() < kept + kReadBytes) buffer_.resize(kept + kReadBytes);
  if (kept > 0) std::memcpy(buffer_.data(), connection.carry.data(), kept);
  const ssize_t got = recv(connection.fd, buffer_.data() + kept, kReadBytes, MSG_DONTWAIT);
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
  if (connection.state != State::kUpgrading && connection.fd >= 0) {
    used += walk_frames(data.substr(used), [&](std::uint8_t opcode, std::string_view payload) {
      on_frame(connection, opcode, payload);
    });
  }
  if (connection.fd < 0) return false;
  connection.carry.assign(data.substr(used));
  if (!connection.out.empty()) flush(connection);
  return got == static_cast<ssize_t>(kReadBytes);
}

std::size_t Worker::finish_upgrade(Connection& connection, std::string_view data) {
  const std::size_t end = data.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  if (!data.starts_with("HTTP/1.1 101")) {
    close(connection, data.substr(0, 400));
    return data.size();
  }
  connection.state = State::kOpening;
  if (!dialect_.has_connect_packet()) greet(connection);
  return end + 4;
}

void Worker::on_frame(Connection& connection, std::uint8_t opcode, std::string_view payload) {
  if (connection.fd < 0) return;
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
    case Kind::kOpen:
      append_client_frame(connection.out, kText, "40");
      connection.state = State::kConnecting;
      break;
    case Kind::kConnected:
      greet(connection);
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

void Worker::on_delivery(Connection& connection, std::string_view payload) {
  bump(counters_.deliveries);
  const std::uint64_t number = connection.received++;
  const Room* room = connection.room;
  if (room == nullptr || room->times == nullptr) return;
  if (seen_ == Phase::kMeasure) {
    delivery_latency_.record(now_ -
                             room->times[number % Room::kTimes].load(std::memory_order_relaxed));
  }
  if (connection.index % kCheckedShare == 0 &&
      content_sequence(payload) != static_cast<std::int64_t>(number)) {
    bump(counters_.misordered);
  }
}

void Worker::on_answer(Connection& connection, std::string_view payload) {
  if (connection.state == State::kJoining) {
    become_ready(connection);
    return;
  }
  if (!connection.is_sender || connection.in_flight == 0) return;
  const std::size_t slot = dialect_.ack_id(payload) % connection.send_times.size();
  bump(counters_.acks);
  if (seen_ == Phase::kMeasure) ack_latency_.record(now_ - connection.send_times[slot]);
  --connection.in_flight;
  fill_window(connection);
}

// The handshake is done: join, or be ready at once where there is no room.
void Worker::greet(Connection& connection) {
  if (connection.room == nullptr) {
    become_ready(connection);
    return;
  }
  connection.state = State::kJoining;
  dialect_.append_join(connection.out, connection.room->id, connection.next_id++);
}

void Worker::become_ready(Connection& connection) {
  connection.state = State::kReady;
  --opening_;
  bump(connection.is_sender ? counters_.ready_senders : counters_.ready_members);
}

void Worker::fill_window(Connection& connection) {
  if (!connection.is_sender || connection.state != State::kReady) return;
  const Phase phase = phase_.load(std::memory_order_relaxed);
  if (phase != Phase::kRun && phase != Phase::kMeasure) return;
  Room& room = *connection.room;
  while (connection.in_flight < options_.window) {
    const std::uint64_t id = connection.next_id++;
    const std::uint64_t number = room.sent.fetch_add(1, std::memory_order_relaxed);
    const std::int64_t now = now_nanoseconds();
    connection.send_times[id % connection.send_times.size()] = now;
    if (room.times) room.times[number % Room::kTimes].store(now, std::memory_order_relaxed);
    dialect_.append_send(connection.out, room.id, make_content(number, options_.content_bytes),
                         make_client_id(connection.index, id), id);
    ++connection.in_flight;
    bump(counters_.sends);
  }
  if (seen_ != phase) flush(connection);  // the first fill, outside of any read
}

void Worker::flush(Connection& connection) {
  const ssize_t sent = send(connection.fd, connection.out.data(), connection.out.size(),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    close(connection, std::strerror(errno));
    return;
  }
  if (sent > 0) connection.out.erase(0, static_cast<std::size_t>(sent));
}

void Worker::close(Connection& connection, std::string_view why) {
  note_error(why);
  if (connection.state != State::kReady) --opening_;
  ::close(connection.fd);
  connection.fd = -1;
  connection.state = State::kClosed;
  bump(counters_.closed);
}

void Worker::note_error(std::string_view text) {
  if (first_error_.empty()) first_error_ = std::string(text.substr(0, 400));
}

}  // namespace load
