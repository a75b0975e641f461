#include "bystander.hpp"

#include "frame.hpp"
#include "http.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace attack {
namespace {

constexpr std::size_t kEach = 8;                     // connections of each kind
constexpr std::int64_t kPace = 40'000'000;           // ns between two questions of one connection
constexpr std::int64_t kPaceOfMessages = 3 * kPace;  // within rate_limits.write for nine seconds
constexpr std::int64_t kPatience = 5'000'000'000;    // for an answer

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

std::string event(std::string_view type, std::string_view payload, std::uint64_t id) {
  std::string text = "{\"type\":\"";
  text.append(type).append("\",\"payload\":").append(payload);
  text += ",\"id\":" + std::to_string(id) + "}";
  std::string frame;
  load::append_client_frame(frame, load::kText, text);
  return frame;
}

}  // namespace

struct Bystander::Line {
  enum class Kind { health, echo, message };

  int fd = -1;
  Kind kind = Kind::health;
  std::int64_t due = 0;
  std::int64_t asked = 0;  // when the question was due that waits for its answer; 0: none does
  std::string wanted;      // what its answer has in it
  std::string refusal;     // or else this
  std::string got;
};

Bystander::Bystander(std::string source, std::uint16_t port, std::string token, std::string room)
    : room_(std::move(room)) {
  const auto send_all = [](int fd, const std::string& text) {
    if (send(fd, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
      throw std::runtime_error("the bystander could not send");
    }
  };
  const auto wait_for = [](int fd, std::string_view wanted) {
    std::string got;
    while (got.find(wanted) == std::string::npos) {
      char piece[65536];
      const ssize_t n = recv(fd, piece, sizeof piece, 0);
      if (n <= 0) throw std::runtime_error("the bystander was refused: " + got);
      got.append(piece, static_cast<std::size_t>(n));
    }
  };
  for (const auto kind : {Line::Kind::health, Line::Kind::echo, Line::Kind::message}) {
    for (std::size_t i = 0; i < kEach; ++i) {
      Line line;
      line.kind = kind;
      line.fd = connect_from(source, port, true);
      if (line.fd < 0) throw std::runtime_error("the bystander could not connect");
      if (kind != Line::Kind::health) {
        send_all(
            line.fd,
            request("GET", "/ws", token, {},
                    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
        wait_for(line.fd, "\r\n\r\n");
        send_all(line.fd, event("join_room", R"({"roomId":")" + room_ + R"("})", 1));
        wait_for(line.fd, R"("type":"ack","id":1)");
      }
      lines_.push_back(std::move(line));
    }
  }
}

Bystander::~Bystander() {
  for (const Line& line : lines_) close(line.fd);
}

void Bystander::ask(Line& line, std::int64_t due) {
  std::string text;
  if (line.kind == Line::Kind::health) {
    text = request("GET", "/healthz");
    line.wanted = "\r\n\r\n";
  } else {
    const auto id = ++next_id_;
    const bool says = line.kind == Line::Kind::message;
    text = says ? event("send_message", R"({"roomId":")" + room_ + R"(","content":"calm"})", id)
                : event("heartbeat", "{}", id);
    line.wanted = R"("type":"ack","id":)" + std::to_string(id) + ",";
    line.refusal = R"("type":"error","id":)" + std::to_string(id) + ",";
  }
  line.got.clear();
  line.asked = due;
  send(line.fd, text.data(), text.size(), MSG_NOSIGNAL);
}

// False: the connection is closed.
bool Bystander::hear(Line& line, Waits& waits) {
  char piece[65536];
  const ssize_t n = recv(line.fd, piece, sizeof piece, MSG_DONTWAIT);
  if (n == 0) return false;
  if (n < 0 || line.asked == 0) return true;
  line.got.append(piece, static_cast<std::size_t>(n));
  if (line.got.find(line.wanted) == std::string::npos) {
    const auto refusal = line.got.find(line.refusal);
    if (line.kind == Line::Kind::health || refusal == std::string::npos) return true;
    if (waits.refusal.empty()) waits.refusal = line.got.substr(refusal, 200);
    ++waits.lost;
    line.asked = 0;
    return true;
  }
  auto& waited = line.kind == Line::Kind::health ? waits.health
                 : line.kind == Line::Kind::echo ? waits.echo
                                                 : waits.message;
  waited.record(now_ns() - std::exchange(line.asked, 0));
  return true;
}

std::int64_t Bystander::pace_of(const Line& line) {
  return line.kind == Line::Kind::message ? kPaceOfMessages : kPace;
}

Waits Bystander::watch(double seconds) {
  Waits waits;
  const auto begin = now_ns();
  const auto end = begin + static_cast<std::int64_t>(seconds * 1e9);
  std::vector<pollfd> fds;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    fds.push_back({lines_[i].fd, POLLIN, 0});
    lines_[i].due = begin + pace_of(lines_[i]) * static_cast<std::int64_t>(i) /
                                static_cast<std::int64_t>(lines_.size());
  }
  for (;;) {
    const auto now = now_ns();
    bool waiting = false;
    std::int64_t next = now + 10'000'000;
    for (Line& line : lines_) {
      if (line.fd < 0) continue;
      if (line.asked == 0 && now < end && now >= line.due) {
        ask(line, line.due);
        line.due += pace_of(line);
      }
      waiting = waiting || line.asked != 0;
      if (line.asked == 0) next = std::min(next, line.due);
    }
    if (now >= end && (!waiting || now >= end + kPatience)) break;
    const timespec wait{0, std::max<std::int64_t>(0, next - now)};
    if (ppoll(fds.data(), fds.size(), &wait, nullptr) <= 0) continue;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (fds[i].revents == 0 || hear(lines_[i], waits)) continue;
      fds[i].fd = -1;
      close(std::exchange(lines_[i].fd, -1));
      ++waits.lost;
    }
  }
  for (Line& line : lines_) waits.lost += std::exchange(line.asked, 0) != 0 ? 1 : 0;
  return waits;
}

}  // namespace attack
