// self: a bare sender in this process, frames of fixed bytes by plain send(), received by the
// same workers that measure servers. Two answers in one: what a send() costs here (the floor
// below which no server can go), and what receiving costs the generator (its own ceiling).
#include "crew.hpp"
#include "frame.hpp"
#include "process.hpp"
#include "scenarios.hpp"

#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace load {
namespace {

using Json = nlohmann::ordered_json;

class BareSender {
 public:
  explicit BareSender(const Options& options) : options_(options) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* at = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    if (listener_ < 0 || bind(listener_, at, size) != 0 || listen(listener_, 1024) != 0 ||
        getsockname(listener_, at, &size) != 0) {
      throw std::runtime_error("cannot listen on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
  }
  ~BareSender() {
    for (const int fd : peers_) ::close(fd);
    ::close(listener_);
  }
  BareSender(const BareSender&) = delete;
  BareSender& operator=(const BareSender&) = delete;

  std::uint16_t port() const { return port_; }

  void accept_all() {
    for (int i = 0; i < options_.connections; ++i) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) throw std::runtime_error("accept");
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      peers_.push_back(fd);
    }
  }

  // One send() to each connection in turn until `stop`. The counts are of whole sends.
  void run(const std::atomic<bool>& stop) {
    pin();
    std::string data;
    for (int i = 0; i < options_.gathered; ++i) {
      data += make_server_frame(static_cast<std::size_t>(options_.frame_bytes));
    }
    std::vector<std::size_t> begun(peers_.size(), 0);  // bytes of a send that was cut short
    while (!stop.load(std::memory_order_relaxed)) {
      for (std::size_t i = 0; i < peers_.size(); ++i) {
        const std::size_t offset = begun[i];
        const ssize_t sent =
            send(peers_[i], data.data() + offset, data.size() - offset, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return;
        if (sent < 0) continue;
        begun[i] = (offset + static_cast<std::size_t>(sent)) % data.size();
        sends_.store(sends_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      }
      cpu_.store(thread_cpu_seconds(), std::memory_order_relaxed);
    }
  }

  std::uint64_t sends() const { return sends_.load(std::memory_order_relaxed); }
  double cpu() const { return cpu_.load(std::memory_order_relaxed); }

 private:
  void pin() const {
    if (options_.sender_cpu < 0) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(options_.sender_cpu), &set);
    sched_setaffinity(0, sizeof(set), &set);  // refused outside of our cpuset: then unpinned
  }

  const Options& options_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<int> peers_;
  std::atomic<std::uint64_t> sends_{0};
  std::atomic<double> cpu_{0};
};

}  // namespace

Json run_self(const Options& given) {
  Options options = given;
  BareSender sender(options);
  options.port = sender.port();
  Crew crew(options);
  for (int i = 0; i < options.connections; ++i) crew.add(nullptr, Role::kMember);
  std::thread accepting([&sender] { sender.accept_all(); });
  crew.set_up();
  accepting.join();

  std::atomic<bool> stop{false};
  std::thread sending([&sender, &stop] { sender.run(stop); });
  Reading before;
  Reading after;
  crew.measure(before, after);
  const double sender_cpu = sender.cpu();
  const std::uint64_t sends = sender.sends();
  stop = true;
  sending.join();
  crew.stop();

  const double seconds = static_cast<double>(after.time - before.time) * 1e-9;
  const auto deliveries = static_cast<double>(after.deliveries - before.deliveries);
  if (deliveries < 1 || sends < 1) throw std::runtime_error("nothing was delivered");
  const double total = sender_cpu * 1e6 / static_cast<double>(sends);
  const double own = after.busy - before.busy;
  return Json{{"scenario", "self"},
              {"connections", options.connections},
              {"frame_bytes", options.frame_bytes},
              {"gathered", options.gathered},
              {"deliveries_per_s", deliveries / seconds},
              {"send_cpu_us", total},
              {"send_cpu_us_a_frame", total / options.gathered},
              {"generator_us", own * 1e6 / deliveries},
              {"generator_ceiling_per_core", deliveries / own}};
}

}  // namespace load
