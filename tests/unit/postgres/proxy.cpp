#include "proxy.hpp"

#include "support.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace stoa::pg::test {
namespace {

constexpr int kTurn = 2;  // ms between looks at the faults

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("socket path too long");
  path.copy(address.sun_path, path.size());
  return address;
}

int connect_unix(const std::string& path) {
  const auto address = unix_address(path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

int connect_tcp(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return -1;
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int result = ::connect(fd, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  if (result == 0) return fd;
  ::close(fd);
  return -1;
}

int connect_to_server() {
  auto settings = server_settings();
  const std::string host = settings.count("host") != 0 ? settings["host"] : "/var/run/postgresql";
  const std::string port = settings.count("port") != 0 ? settings["port"] : "5432";
  return host.starts_with('/') ? connect_unix(host + "/.s.PGSQL." + port) : connect_tcp(host, port);
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

Proxy::Proxy() {
  char name[] = "/tmp/stoa-proxy.XXXXXX";
  if (::mkdtemp(name) == nullptr) throw std::runtime_error("no folder for the proxy");
  folder_ = name;
  const auto address = unix_address(folder_ + "/.s.PGSQL.5432");
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 64) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  listening_ = std::thread([this] { listen(); });
}

Proxy::~Proxy() {
  stopping_ = true;
  listening_.join();
  for (auto& relay : relays_) relay.join();
  ::close(listener_);
  ::unlink((folder_ + "/.s.PGSQL.5432").c_str());
  ::rmdir(folder_.c_str());
}

void Proxy::listen() {
  while (!stopping_) {
    pollfd ready{listener_, POLLIN, 0};
    if (::poll(&ready, 1, kTurn) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) relays_.emplace_back([this, client] { serve(client); });
  }
}

void Proxy::serve(int client) {
  const int server = refusing_ ? -1 : connect_to_server();
  if (server >= 0) {
    relay(client, server);
    ::close(server);
  }
  ::close(client);
  ++ended_;
}

void Proxy::relay(int client, int server) {
  std::array<char, 65536> buffer;
  bool losing = false;  // what was to be lost has gone through
  while (!stopping_ && !refusing_) {
    if (frozen_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kTurn));
      continue;
    }
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), kTurn) <= 0 || frozen_) continue;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].revents == 0) continue;
      const auto got = ::recv(ends[i].fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
      const bool from_client = i == 0;
      if (losing && !from_client) return;
      const char* const wanted = losing_;
      if (from_client && wanted != nullptr && bytes.find(wanted) != std::string_view::npos) {
        losing = losing_.exchange(nullptr) != nullptr;
      }
      if (!send_all(ends[1 - i].fd, bytes)) return;
    }
  }
}

}  // namespace stoa::pg::test
