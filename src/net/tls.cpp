#include "net/tls.hpp"

#include <stoa/net/listener.hpp>

#include <cstddef>
#include <cstdint>
#include <ctime>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace stoa::net {
namespace {

namespace ssl = boost::asio::ssl;

constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// A client that offers ALPN without http/1.1 speaks another protocol: the handshake fails (RFC
// 7301).
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// Of one client, as long as its connection lasts: RFC 8446 section 5.5 wants one after some 2^24 records.
constexpr std::intptr_t kMostKeyUpdates = 32;

// What a session keeps for us: two numbers.
int index_of_passes() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
int index_of_key_updates() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::intptr_t number(const SSL* session, int index) {
  return reinterpret_cast<std::intptr_t>(SSL_get_ex_data(session, index));
}
void set_number(SSL* session, int index, std::intptr_t value) {
  SSL_set_ex_data(session, index, reinterpret_cast<void*>(value));
}

// Each hello, also the second one of RFC 8446 section 4.1.4.
int stop_at_hello(SSL* session, int* /*alert*/, void* /*argument*/) {
  if (number(session, index_of_passes()) == 0) return SSL_CLIENT_HELLO_RETRY;
  set_number(session, index_of_passes(), 0);
  return SSL_CLIENT_HELLO_SUCCESS;
}

// SSL_read derives keys for all KeyUpdates that have come before it answers, hundreds of them at a time. A session with too many
// reads as if its client had ended it.
void count_key_updates(int is_sent, int /*version*/, int content_type, const void* bytes,
                       std::size_t size, SSL* session, void* /*argument*/) {
  if (is_sent != 0 || content_type != SSL3_RT_HANDSHAKE || size == 0) return;
  if (*static_cast<const unsigned char*>(bytes) != SSL3_MT_KEY_UPDATE) return;
  const auto count = number(session, index_of_key_updates()) + 1;
  set_number(session, index_of_key_updates(), count);
  if (count > kMostKeyUpdates) SSL_set_shutdown(session, SSL_RECEIVED_SHUTDOWN);
}

}  // namespace

std::shared_ptr<ssl::context> make_tls_context(const std::string& certificate_file,
                                               const std::string& key_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       ssl::context::no_compression);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections give their record buffers back.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(native, kCiphers);
  SSL_CTX_set_alpn_select_cb(native, select_protocol, nullptr);
  SSL_CTX_set_client_hello_cb(native, stop_at_hello, nullptr);
  SSL_CTX_set_msg_callback(native, count_key_updates);
  try {
    context->use_certificate_chain_file(certificate_file);
  } catch (const boost::system::system_error& e) {
    throw ListenError("cannot use the TLS certificate " + certificate_file + ": " + e.what());
  }
  try {
    context->use_private_key_file(key_file, ssl::context::pem);
  } catch (const boost::system::system_error& e) {
    throw ListenError("cannot use the TLS key " + key_file + ": " + e.what());
  }
  return context;
}

void let_hello_pass(SSL& session) noexcept {
  set_number(&session, index_of_passes(), 1);
}

Timestamp end_of(ssl::context& context) {
  SSL_CTX* native = context.native_handle();
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(native)), &end) != 1) return {};
  return Timestamp(std::chrono::seconds(::timegm(&end)));
}

}  // namespace stoa::net
