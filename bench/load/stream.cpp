#include "stream.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace load {
namespace {

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

// The certificate is one that the bench made a moment ago: there is nobody to verify it by.
SSL_CTX* context() {
  static SSL_CTX* const kContext = [] {
    SSL_CTX* made = SSL_CTX_new(TLS_client_method());
    if (made == nullptr) throw std::runtime_error("SSL_CTX_new");
    SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                               SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    return made;
  }();
  return kContext;
}

}  // namespace

void Stream::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Stream::Stream(std::uint16_t port, bool has_tls) : fd_(connect_loopback(port)) {
  if (!has_tls) return;
  ssl_.reset(SSL_new(context()));
  // OpenSSL reads and writes by itself, without MSG_DONTWAIT.
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd_) != 1) throw std::runtime_error("SSL_set_fd");
  SSL_set_connect_state(ssl_.get());
}

Stream::Stream(Stream&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ssl_(std::move(other.ssl_)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  ssl_ = std::move(other.ssl_);
  return *this;
}

void Stream::close() {
  ssl_.reset();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

ssize_t Stream::failed(int result) {
  const int why = SSL_get_error(ssl_.get(), result);
  if (why == SSL_ERROR_ZERO_RETURN) return 0;
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    errno = EAGAIN;
  } else if (why != SSL_ERROR_SYSCALL || errno == 0) {
    errno = EPROTO;
  }
  ERR_clear_error();
  return -1;
}

ssize_t Stream::read(char* into, std::size_t size) {
  if (!ssl_) return recv(fd_, into, size, MSG_DONTWAIT);
  const int got = SSL_read(ssl_.get(), into, static_cast<int>(size));
  return got > 0 ? got : failed(got);
}

ssize_t Stream::write(const char* from, std::size_t size) {
  if (!ssl_) return send(fd_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  const int sent = SSL_write(ssl_.get(), from, static_cast<int>(size));
  return sent > 0 ? sent : failed(sent);
}

}  // namespace load
