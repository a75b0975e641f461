#include "net/tls.hpp"

#include <stoa/net/stream.hpp>

#include <openssl/ssl.h>

namespace stoa::net {

void Stream::rehome(const Executor& executor) {
  const auto protocol = socket_.local_endpoint().protocol();
  const auto handle = socket_.release();
  socket_ = Socket(executor, protocol, handle);
  if (!tls_) return;
  // The TLS session goes on in a stream whose timers belong to the new loop.
  SSL* const session = tls_->native_handle();
  SSL_up_ref(session);
  tls_ = std::make_unique<TlsStream>(socket_, session);
}

bool Stream::is_at_hello() const noexcept {
  return tls_ && SSL_want_client_hello_cb(tls_->native_handle());
}

void Stream::greet() noexcept {
  let_hello_pass(*tls_->native_handle());
}

}  // namespace stoa::net
