#pragma once
// Another service on the loopback that answers as a test wants it to, and those who call it.
#include "../support/eventually.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/fetch/failure.hpp>
#include <stoa/fetch/fetcher.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/net/stream.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <gtest/gtest.h>

namespace stoa::fetch::test {

using stoa::test::at_any_pace;
using stoa::test::eventually;

// A request as it came.
struct Seen {
  std::string head, body;
  int connection = 0;  // from 1
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
  std::string line() const { return head.substr(0, head.find("\r\n")); }
};

struct Reply {
  enum class Then { keep, close, hang, trickle, flood };
  std::string bytes;
  Then then = Then::keep;
};
// With its length.
Reply reply(std::string_view status, std::string_view body = {}, std::string_view headers = {});
inline const Reply kSilence{"", Reply::Then::hang};

class Peer {
 public:
  using Answerer = std::function<Reply(const Seen&)>;
  // `tls` must outlive it.
  explicit Peer(Answerer answer, asio::ssl::context* tls = nullptr);
  ~Peer();

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const;
  int connections() const { return connections_; }
  int open() const { return open_; }
  std::vector<Seen> seen() const;

 private:
  Task<> accept();
  Task<> serve(net::StreamPtr stream, int number);
  Task<> go_on(net::Stream& stream, Reply::Then then);

  const Answerer answer_;
  asio::ssl::context* const tls_;
  asio::io_context io_;
  std::unique_ptr<net::TaskGroup> tasks_;
  asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0, open_ = 0;
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;
  std::thread thread_;
};

// A certificate for "localhost" that signs itself, in a folder of its own.
class Certificate {
 public:
  Certificate();
  ~Certificate();
  std::string file() const;
  asio::ssl::context server() const;

 private:
  std::string folder_;
};

// How a call ended.
struct Result {
  std::optional<Answer> answer;
  std::optional<Reason> reason;
  std::string text;  // of a failure
  std::optional<Code> code;
  bool may_be_done = false;
  bool is_aborted = false;
};

class FetchTest : public testing::Test {
 protected:
  FetchTest();

  // With what `config` says by then.
  Fetcher& fetcher();
  // Of a purpose that may call the peers, also inside.
  Client client(std::vector<std::string> hosts, bool may_go_inside = true,
                std::string name = "test");
  Result send(const Client& client, Request request);
  Result get(const Client& client, const std::string& url) { return send(client, {.url = url}); }
  // All at once; in the order of the requests.
  std::vector<Result> send_all(const Client& client, const std::vector<Request>& requests);

  config::Fetch config;
  Metrics metrics;

 private:
  std::optional<Fetcher> fetcher_;
};

// Puts how it ended into `out`.
Task<> attempt(Client client, Request request, Result* out);

}  // namespace stoa::fetch::test
