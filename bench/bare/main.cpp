// What a read costs at least: epoll, one recv() and one send() a request, and libpq in pipeline mode as Stoa uses it, on two
// connections with a sync a statement. No request is looked at, no row either, and every answer is the same text, so
// the CPU time of this process is what no server above the same system calls and the same libpq can go below.
//
//   stoa_bare --url postgresql://... --sql 'SELECT ... WHERE id = $1' --group 8000 --bytes 974
//
// Prints {"port":N} when it listens. Serves until it is ended; anything unexpected ends it with a message.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bare {
namespace {

constexpr int kIds = 1000;  // of the bench's rooms and of its users
constexpr std::size_t kConnections = 2;

struct Options {
  std::string url;
  std::string sql;    // of an id, and of a limit if there is one
  std::string group;  // the fourth part of the ids: 8000 of rooms, 9000 of users
  std::string limit;
  std::size_t bytes = 0;
};

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

std::string answer_of(std::size_t bytes) {
  std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
  const std::size_t most = head.size() + 8;  // four digits and the empty line
  const std::size_t body = bytes > most ? bytes - most : 0;
  return head + std::to_string(body) + "\r\n\r\n" + std::string(body, 'x');
}

class Reads {
 public:
  explicit Reads(const Options& options) : group_(options.group), limit_(options.limit) {
    connection_.reset(PQconnectdb(options.url.c_str()));
    require_ok(PQstatus(connection_.get()) == CONNECTION_OK);
    const Result prepared(PQprepare(connection_.get(), "read", options.sql.c_str(), 0, nullptr));
    require_ok(PQresultStatus(prepared.get()) == PGRES_COMMAND_OK);
    require_ok(PQsetnonblocking(connection_.get(), 1) == 0);
    require_ok(PQenterPipelineMode(connection_.get()) == 1);
  }

  int fd() const { return PQsocket(connection_.get()); }
  std::size_t under_way() const { return clients_.size(); }

  void ask(int client) {
    std::array<char, 40> id;
    next_ = next_ % kIds + 1;
    const int number = group_ == "9000" ? next_ - 1 : next_;
    std::snprintf(id.data(), id.size(), "00000000-0000-7000-%s-%012x", group_.c_str(), number);
    const char* const values[] = {id.data(), limit_.c_str()};
    const int count = limit_.empty() ? 1 : 2;
    require_ok(PQsendQueryPrepared(connection_.get(), "read", count, values, nullptr, nullptr, 0) ==
               1);
    require_ok(PQpipelineSync(connection_.get()) == 1);
    clients_.push_back(client);
  }

  // Calls `use` with each client whose statement has been answered.
  template <class F>
  void take(F&& use) {
    require_ok(PQconsumeInput(connection_.get()) == 1);
    while (!clients_.empty() && PQisBusy(connection_.get()) == 0) {
      const Result result(PQgetResult(connection_.get()));
      if (!result) continue;
      if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
        use(clients_.front());
        clients_.pop_front();
      } else {
        require_ok(PQresultStatus(result.get()) == PGRES_TUPLES_OK);
      }
    }
  }

 private:
  using Result = std::unique_ptr<PGresult, decltype([](PGresult* result) { PQclear(result); })>;

  void require_ok(bool holds) const {
    if (!holds) throw std::runtime_error(PQerrorMessage(connection_.get()));
  }

  std::unique_ptr<PGconn, decltype([](PGconn* connection) { PQfinish(connection); })> connection_;
  const std::string group_;
  const std::string limit_;
  std::deque<int> clients_;
  int next_ = 0;
};

class Server {
 public:
  explicit Server(const Options& options)
      : answer_(answer_of(options.bytes)), epoll_(epoll_create1(0)) {
    for (std::size_t i = 0; i < kConnections; ++i) {
      reads_.push_back(std::make_unique<Reads>(options));
      watch(reads_.back()->fd());
    }
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    require(bind(listener_, raw, size) == 0 && listen(listener_, SOMAXCONN) == 0, "listen");
    require(getsockname(listener_, raw, &size) == 0, "getsockname");
    watch(listener_, EPOLLIN);
    std::printf("{\"port\":%d}\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 128> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) serve(events[static_cast<std::size_t>(i)].data.fd);
    }
  }

 private:
  void watch(int fd, std::uint32_t what = EPOLLIN | EPOLLET) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    require(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  }

  void serve(int fd) {
    if (fd == listener_) return accept_one();
    for (const auto& reads : reads_) {
      if (reads->fd() != fd) continue;
      return reads->take([this](int client) {
        require(send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL) ==
                    static_cast<ssize_t>(answer_.size()),
                "send");
      });
    }
    if (recv(fd, input_.data(), input_.size(), 0) > 0) {
      const bool first = reads_[0]->under_way() <= reads_[1]->under_way();
      reads_[first ? 0 : 1]->ask(fd);
    } else {
      close(fd);
    }
  }

  void accept_one() {
    const int client = accept(listener_, nullptr, nullptr);
    require(client >= 0, "accept");
    const int on = 1;
    require(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0, "TCP_NODELAY");
    watch(client);
  }

  const std::string answer_;
  const int epoll_;
  int listener_ = -1;
  std::vector<std::unique_ptr<Reads>> reads_;
  std::array<char, 8192> input_;
};

}  // namespace
}  // namespace bare

int main(int argc, char** argv) {
  bare::Options options;
  CLI::App app("What a read costs at least");
  app.add_option("--url", options.url)->required();
  app.add_option("--sql", options.sql)->required();
  app.add_option("--group", options.group)->required();
  app.add_option("--limit", options.limit);
  app.add_option("--bytes", options.bytes, "of an answer, 200 to 9,999")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    bare::Server(options).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stoa_bare: %s\n", error.what());
    return 1;
  }
}
