#include "http/disconnect.hpp"

#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace stoa::http {

SocketDisconnect::~SocketDisconnect() {
  if (!watch_) return;
  watch_->over = true;
  boost::system::error_code ignored;
  stream_.socket().cancel(ignored);
}

void SocketDisconnect::watch(std::function<void()> then) {
  watch_ = std::make_shared<Watch>();
  watch_->then = std::move(then);
  stream_.socket().async_wait(net::Socket::wait_read, [watch = watch_, &stream = stream_](
                                                          const boost::system::error_code& error) {
    if (error || watch->over) return;
    char byte = 0;
    const auto n = ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    // More bytes are the next request, or TLS saying goodbye: the answer will find out.
    const bool gone = n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    if (gone) watch->then();
  });
}

}  // namespace stoa::http
