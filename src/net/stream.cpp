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

}  // namespace stoa::net
