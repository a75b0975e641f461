#pragma once
// One connection to the server on 127.0.0.1, with or without TLS. It never waits, once connected: what is not
// ready is EAGAIN. Belongs to one thread.

#include <cstddef>
#include <cstdint>
#include <memory>

#include <sys/types.h>

struct ssl_st;

namespace load {

class Stream {
 public:
  Stream() = default;
  // The TLS handshake happens within the first reads and writes. Throws std::runtime_error.
  Stream(std::uint16_t port, bool has_tls);
  ~Stream() { close(); }
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void close();

  // As recv() and send(): 0 is the end, -1 leaves the reason in errno.
  ssize_t read(char* into, std::size_t size);
  ssize_t write(const char* from, std::size_t size);

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  ssize_t failed(int result);

  int fd_ = -1;
  std::unique_ptr<ssl_st, Free> ssl_;
};

}  // namespace load
