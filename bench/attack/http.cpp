#include "http.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace attack {

int connect_from(const std::string& source, std::uint16_t port, bool waits) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (waits ? 0 : SOCK_NONBLOCK), 0);
  if (fd < 0) return -1;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // The port is chosen with the connection, so that as many are free as there are to each server.
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in own{}, server{};
  own.sin_family = server.sin_family = AF_INET;
  inet_pton(AF_INET, source.c_str(), &own.sin_addr);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server.sin_port = htons(port);
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0;
  if (bound && (connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0 ||
                (!waits && errno == EINPROGRESS))) {
    return fd;
  }
  const int why = errno;
  close(fd);
  errno = why;
  return -1;
}

Http::Http(std::string source, std::uint16_t port) : source_(std::move(source)), port_(port) {}

Http::~Http() {
  if (fd_ >= 0) close(fd_);
}

Answer Http::ask(std::string_view method, std::string_view path, std::string_view token,
                 std::string_view json) {
  if (fd_ < 0) fd_ = connect_from(source_, port_, true);
  if (fd_ < 0) throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
  const std::string text = request(method, path, token, json);
  if (send(fd_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("send");
  }
  std::string got;
  std::size_t whole = std::string::npos, head = 0;
  while (got.size() < whole) {
    char piece[65536];
    const ssize_t n = recv(fd_, piece, sizeof piece, 0);
    if (n <= 0) throw std::runtime_error("the server closed the connection");
    got.append(piece, static_cast<std::size_t>(n));
    if (whole != std::string::npos) continue;
    const auto end = got.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    head = end + 4;
    const char* length = strcasestr(got.c_str(), "\r\ncontent-length:");
    whole = head + (length != nullptr ? std::strtoul(length + 17, nullptr, 10) : 0);
  }
  if (strcasestr(got.substr(0, head).c_str(), "\r\nconnection: close") != nullptr) {
    close(std::exchange(fd_, -1));
  }
  return {std::atoi(got.c_str() + 9), got.substr(head)};
}

std::string request(std::string_view method, std::string_view path, std::string_view token,
                    std::string_view body, std::string_view more) {
  std::string out(method);
  out.append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n").append(more);
  if (!token.empty()) out.append("Authorization: Bearer ").append(token).append("\r\n");
  if (!body.empty()) {
    if (more.find("Content-Type") == std::string_view::npos)
      out += "Content-Type: application/json\r\n";
    out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  return out.append("\r\n").append(body);
}

std::string member(std::string_view json, std::string_view name) {
  const std::string key = '"' + std::string(name) + "\":\"";
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = json.substr(at + key.size());
  return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace attack
