#pragma once
// The TLS context of a listener: TLS 1.2 and 1.3 (RFC 9325), forward secrecy and authenticated
// encryption only, ALPN http/1.1. A context is immutable once made; a reload makes a new one. A handshake stops at each hello of its
// client, and a client that renews its keys again and again is taken for one that has gone.
#include <stoa/core/time.hpp>

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <openssl/types.h>

namespace stoa::net {

// Throws ListenError that names the file and what is wrong with it.
std::shared_ptr<boost::asio::ssl::context> make_tls_context(const std::string& certificate_file,
                                                            const std::string& key_file);

// The hello at which the session has stopped, or the next one.
void let_hello_pass(SSL& session) noexcept;

// When its certificate ends.
Timestamp end_of(boost::asio::ssl::context& context);

}  // namespace stoa::net
