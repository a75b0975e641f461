#include "fixture.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

namespace stoa::http::test {
namespace {

namespace ssl = asio::ssl;
using Tcp = asio::ip::tcp;

// A certificate that signs itself, and its key, as PEM files of this test's own folder.
class TlsTest : public ServerTest {
 protected:
  TlsTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("stoa-tls-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    make("first");
    config.listener = {{"127.0.0.1", 0, path("cert"), path("key")}};
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* file) const { return (folder_ / file).string(); }

  void make(const char* name) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_sign(certificate, key, EVP_sha256());
    std::FILE* out = std::fopen(path("cert").c_str(), "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
    out = std::fopen(path("key").c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  struct Seen {
    std::string answer, version, protocol, certificate;
  };
  // What a client with this newest version sees; throws when the handshake fails.
  Seen ask(int newest = TLS1_3_VERSION, const char* alpn = "\x08http/1.1") {
    ssl::context context(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.native_handle(), newest);
    SSL_CTX_set_security_level(context.native_handle(), 0);
    asio::io_context io;
    ssl::stream<Tcp::socket> stream(io, context);
    SSL_set_alpn_protos(stream.native_handle(), reinterpret_cast<const unsigned char*>(alpn),
                        static_cast<unsigned>(std::char_traits<char>::length(alpn)));
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port()});
    stream.handshake(ssl::stream_base::client);
    asio::write(stream, asio::buffer(std::string("GET /api/large HTTP/1.1\r\nHost: t\r\n"
                                                 "Connection: close\r\n\r\n")));
    Seen seen;
    seen.version = SSL_get_version(stream.native_handle());
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream.native_handle(), &protocol, &size);
    seen.protocol.assign(reinterpret_cast<const char*>(protocol), size);
    X509* certificate = SSL_get1_peer_certificate(stream.native_handle());
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    X509_free(certificate);
    seen.certificate = name;
    boost::system::error_code ended;
    asio::read(stream, asio::dynamic_buffer(seen.answer), ended);
    EXPECT_EQ(ended, asio::error::eof);  // closed properly, not cut off
    return seen;
  }

  // What is answered to a request whose first bytes each come with new keys (RFC 8446 section 4.6.3). Empty: nothing.
  std::string ask_with_new_keys(std::size_t times) {
    ssl::context context(ssl::context::tls_client);
    asio::io_context io;
    ssl::stream<Tcp::socket> stream(io, context);
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port()});
    stream.handshake(ssl::stream_base::client);
    const std::string request = "GET /api/echo HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
    boost::system::error_code ended;
    for (std::size_t i = 0; i < times && !ended; ++i) {
      SSL_key_update(stream.native_handle(), SSL_KEY_UPDATE_NOT_REQUESTED);
      asio::write(stream, asio::buffer(request.substr(i, 1)), ended);
    }
    asio::write(stream, asio::buffer(request.substr(times)), ended);
    std::string answer;
    asio::read(stream, asio::dynamic_buffer(answer), ended);
    return answer;
  }

  // The first bytes that a client sends.
  static std::string hello_of_a_client() {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context.get()), &SSL_free);
    BIO* const out = BIO_new(BIO_s_mem());
    SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), out);  // its own from now on
    SSL_connect(session.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(TlsTest, ServesOverTls13And12) {
  start();
  const auto seen = ask();
  EXPECT_TRUE(seen.answer.starts_with("HTTP/1.1 200 OK"));
  EXPECT_GT(seen.answer.size(), 100'000U);
  EXPECT_EQ(seen.version, "TLSv1.3");
  EXPECT_EQ(seen.protocol, "http/1.1");
  EXPECT_EQ(ask(TLS1_2_VERSION).version, "TLSv1.2");
}

TEST_F(TlsTest, RefusesOldVersionsAndOtherProtocols) {
  start();
  EXPECT_THROW(ask(TLS1_1_VERSION), boost::system::system_error);
  EXPECT_THROW(ask(TLS1_3_VERSION, "\x02h2"), boost::system::system_error);
}

TEST_F(TlsTest, EndsAHandshakeThatDoesNotCome) {
  config.http.header_timeout = std::chrono::milliseconds(100);
  start();
  RawClient silent(port());
  EXPECT_TRUE(silent.closed());
  RawClient plain(port());
  plain.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_FALSE(plain.read_answer());
}

TEST_F(TlsTest, AHandshakeWaitsForItsTurn) {
  start();
  const auto put_off = [&] { return runtime->shard(0).turns.put_off(); };
  const auto before = put_off();
  ask();
  EXPECT_GT(put_off(), before);
}

// The turn is the whole hello's: it is what the server has to answer.
TEST_F(TlsTest, AHelloThatComesInPiecesWaitsForItsTurnWhenItIsWhole) {
  start();
  const std::string hello = hello_of_a_client();
  RawClient slow(port());
  slow.send(hello.substr(0, 1));
  const auto put_off = [&] { return runtime->shard(0).turns.put_off(); };
  ask();  // the first piece has come when this is answered
  const auto before = put_off();
  slow.send(hello.substr(1));
  EXPECT_TRUE(eventually([&] { return put_off() > before; }));
}

TEST_F(TlsTest, EndsWithAClientThatRenewsItsKeysAgainAndAgain) {
  start();
  EXPECT_TRUE(ask_with_new_keys(20).starts_with("HTTP/1.1 200 OK"));
  EXPECT_EQ(ask_with_new_keys(40), "");
}

TEST_F(TlsTest, AHandshakeThatDoesNotComeGivesWay) {
  config.http.max_connections_per_address = 1;
  start();
  RawClient silent(port());
  EXPECT_TRUE(ask().answer.starts_with("HTTP/1.1 200 OK"));
  EXPECT_TRUE(silent.closed());
}

TEST_F(TlsTest, TakesANewCertificate) {
  start();
  EXPECT_EQ(ask().certificate, "first");
  make("second");
  server->reload_certificates();
  EXPECT_EQ(ask().certificate, "second");
  std::ofstream(path("cert")) << "broken";
  EXPECT_THROW(server->reload_certificates(), net::ListenError);
  EXPECT_EQ(ask().certificate, "second");
}

TEST_F(TlsTest, NamesTheFileThatItCannotUse) {
  config.listener[0].tls_key = path("missing");
  try {
    start();
    FAIL() << "started without a key";
  } catch (const net::ListenError& e) {
    EXPECT_NE(std::string(e.what()).find("missing"), std::string::npos);
  }
}

}  // namespace
}  // namespace stoa::http::test
