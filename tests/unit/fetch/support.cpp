#include "support.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace stoa::fetch::test {
namespace {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

std::size_t length_of(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

struct Count {
  std::atomic<int>& value;
  explicit Count(std::atomic<int>& v) : value(v) { ++value; }
  ~Count() { --value; }
};

}  // namespace

Reply reply(std::string_view status, std::string_view body, std::string_view headers) {
  std::string bytes = "HTTP/1.1 ";
  bytes.append(status).append("\r\n").append(headers);
  bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  bytes.append(body);
  return {bytes, Reply::Then::keep};
}

Peer::Peer(Answerer answer, asio::ssl::context* tls)
    : answer_(std::move(answer)),
      tls_(tls),
      io_(1),
      tasks_(std::make_unique<net::TaskGroup>(io_.get_executor())),
      acceptor_(io_.get_executor(), {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()) {
  tasks_->spawn("accepting", accept());
  thread_ = std::thread([this] { io_.run(); });
}

Peer::~Peer() {
  io_.stop();
  thread_.join();
}

std::string Peer::url(std::string_view path, std::string_view host) const {
  std::string text = tls_ != nullptr ? "https://" : "http://";
  text.append(host).append(":").append(std::to_string(port_)).append(path);
  return text;
}

std::vector<Seen> Peer::seen() const {
  const std::scoped_lock lock(mutex_);
  return seen_;
}

Task<> Peer::accept() {
  for (;;) {
    net::Socket socket = co_await acceptor_.async_accept(use_task);
    auto stream = tls_ != nullptr ? std::make_unique<net::Stream>(std::move(socket), *tls_)
                                  : std::make_unique<net::Stream>(std::move(socket));
    tasks_->spawn("connection", serve(std::move(stream), ++connections_));
  }
}

Task<> Peer::serve(net::StreamPtr stream, int number) {
  const Count mark(open_);
  try {
    if (stream->secure()) {
      co_await stream->tls()->async_handshake(asio::ssl::stream_base::server, use_task);
    }
    std::string input;
    for (;;) {
      const auto size = co_await asio::async_read_until(*stream, asio::dynamic_buffer(input),
                                                        "\r\n\r\n", use_task);
      Seen seen{input.substr(0, size), "", number};
      input.erase(0, size);
      const auto length = length_of(seen.head);
      if (input.size() < length) {
        co_await asio::async_read(*stream, asio::dynamic_buffer(input),
                                  asio::transfer_exactly(length - input.size()), use_task);
      }
      seen.body = input.substr(0, length);
      input.erase(0, length);
      {
        const std::scoped_lock lock(mutex_);
        seen_.push_back(seen);
      }
      const Reply said = answer_(seen);
      co_await asio::async_write(*stream, asio::buffer(said.bytes), use_task);
      if (said.then == Reply::Then::close) co_return;
      if (said.then != Reply::Then::keep) co_await go_on(*stream, said.then);
    }
  } catch (const boost::system::system_error&) {  // the other side has gone
  }
}

// Until the other side goes.
Task<> Peer::go_on(net::Stream& stream, Reply::Then then) {
  Timer timer(io_.get_executor());
  std::string more(then == Reply::Then::flood ? 4096 : 1, 'x');
  for (;;) {
    if (then == Reply::Then::hang) {
      co_await stream.async_read_some(asio::buffer(more), use_task);
    } else {
      if (then == Reply::Then::trickle) {
        timer.expires_after(std::chrono::milliseconds(20));
        co_await timer.async_wait(use_task);
      }
      co_await asio::async_write(stream, asio::buffer(more), use_task);
    }
  }
}

Certificate::Certificate()
    : folder_(
          (std::filesystem::temp_directory_path() / ("stoa-fetch-" + std::to_string(::getpid())))
              .string()) {
  std::filesystem::create_directories(folder_);
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_EXTENSION* name =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate, name, -1);
  X509_EXTENSION_free(name);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* out = std::fopen(file().c_str(), "w");
  PEM_write_X509(out, certificate);
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

Certificate::~Certificate() {
  std::filesystem::remove_all(folder_);
}

std::string Certificate::file() const {
  return folder_ + "/both.pem";
}

asio::ssl::context Certificate::server() const {
  asio::ssl::context context(asio::ssl::context::tls_server);
  context.use_certificate_chain_file(file());
  context.use_private_key_file(file(), asio::ssl::context::pem);
  return context;
}

FetchTest::FetchTest() {
  config.private_networks = {"127.0.0.1", "::1"};
}

Fetcher& FetchTest::fetcher() {
  if (!fetcher_) {
    fetcher_.emplace(config, metrics);
  }
  return *fetcher_;
}

Client FetchTest::client(std::vector<std::string> hosts, bool may_go_inside, std::string name) {
  return fetcher().client({std::move(name), std::move(hosts), may_go_inside});
}

Task<> attempt(Client client, Request request, Result* out) {
  try {
    Answer answer = co_await client.send(std::move(request));
    out->answer = std::move(answer);
  } catch (const Failed& failed) {
    out->reason = failed.reason();
    out->text = failed.text();
    out->code = failed.code();
    out->may_be_done = failed.may_be_done();
  } catch (const Error& error) {
    out->code = error.code();
  } catch (const boost::system::system_error& error) {
    out->is_aborted = error.code() == asio::error::operation_aborted;
    throw;
  }
}

Result FetchTest::send(const Client& client, Request request) {
  return send_all(client, {std::move(request)}).front();
}

std::vector<Result> FetchTest::send_all(const Client& client,
                                        const std::vector<Request>& requests) {
  asio::io_context io;
  std::vector<Result> results(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    asio::co_spawn(io, attempt(client, requests[i], &results[i]), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }
  io.run();
  return results;
}

}  // namespace stoa::fetch::test
