#include "http/connection.hpp"

#include "http/departure.hpp"
#include "http/wire.hpp"

#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace stoa::http {
namespace {

namespace beast = boost::beast;

constexpr std::size_t kTlsRead = 8 * config::kKiB;
constexpr auto kLinger = std::chrono::seconds(2);
constexpr std::size_t kLingerBytes =
    8 * config::kMiB;  // of a body that was refused: read, not kept
// What chunk sizes and extensions may add to a body before it counts as too large.
constexpr std::size_t kChunkOverhead = 8;

using Parser = beast::http::request_parser<beast::http::string_body>;

Task<> run_upgraded(net::UpgradeHandler handler, net::Upgrade upgrade,
                    net::ConnectionCount::Seat seat) {
  const auto held = std::move(seat);
  co_await handler(std::move(upgrade));
}

// Counts while it lives.
class Counted {
 public:
  explicit Counted(std::atomic<std::size_t>& count) : count_(count) {
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  ~Counted() { count_.fetch_sub(1, std::memory_order_relaxed); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::atomic<std::size_t>& count_;
};

}  // namespace

Connection::Connection(std::shared_ptr<Home> home, net::Accepted accepted, bool trusted)
    : home_(std::move(home)), stream_(std::move(accepted.stream)), seat_(std::move(accepted.seat)) {
  peer_.address = accepted.peer;
  peer_.text = accepted.peer.to_string();
  peer_.trusted = trusted;
  peer_.secure = stream_->secure();
  peer_.listener = accepted.listener;
  home_->list_.push_back(*this);
  home_->counts_->open.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
  home_->counts_->open.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::enter(Phase phase, std::chrono::milliseconds limit) {
  phase_ = phase;
  deadline_ = Clock::now() + limit;
}

void Connection::work() noexcept {
  phase_ = Phase::working;
  deadline_ = Clock::time_point::max();
}

void Connection::expire(Clock::time_point now) {
  if (now < deadline_) return;
  deadline_ = Clock::time_point::max();
  timed_out_ = true;
  boost::system::error_code ignored;
  stream_->socket().cancel(ignored);
}

void Connection::drain() {
  boost::system::error_code ignored;
  if (phase_ == Phase::idle) stream_->socket().cancel(ignored);
}

Task<> Connection::run() {
  if (stream_->secure()) {
    const bool ready = co_await shake_hands();
    if (!ready) co_return;
  }
  Next next = Next::request;
  while (next == Next::request) next = co_await serve_one();
  if (next == Next::gone) co_return;
  if (next == Next::linger || !input_.empty()) co_await linger();
  if (stream_->secure()) {
    boost::system::error_code ignored;
    enter(Phase::ending, kLinger);
    co_await stream_->tls()->async_shutdown(asio::redirect_error(use_task, ignored));
  }
}

Task<bool> Connection::shake_hands() {
  boost::system::error_code failed;
  enter(Phase::reading, home_->options_.header_timeout);
  co_await stream_->tls()->async_handshake(asio::ssl::stream_base::server,
                                           asio::redirect_error(use_task, failed));
  co_return !failed;
}

// Appends what the socket has to input_, waiting for it. False: the client has gone, or a deadline has
// passed, or the server is ending.
Task<bool> Connection::receive() {
  boost::system::error_code failed;
  if (timed_out_) co_return false;
  if (stream_->secure()) {
    const auto held = input_.size();
    input_.resize(held + kTlsRead);
    const auto room = asio::buffer(input_.data() + held, kTlsRead);
    const std::size_t count =
        co_await stream_->async_read_some(room, asio::redirect_error(use_task, failed));
    input_.resize(held + (failed ? 0 : count));
    co_return !failed;
  }
  auto& socket = stream_->socket();
  for (;;) {
    co_await socket.async_wait(net::Socket::wait_read, asio::redirect_error(use_task, failed));
    if (failed) co_return false;
    const auto count = socket.read_some(asio::buffer(home_->scratch_), failed);
    if (failed == asio::error::would_block) continue;
    if (failed) co_return false;
    input_.append(home_->scratch_.data(), count);
    co_return true;
  }
}

// Why reading stopped short.
Refusal Connection::interrupted() const noexcept {
  return timed_out_ ? Refusal{Code::request_timeout, "the request came too slowly"}
                    : Refusal{Code::internal, nullptr};
}

Task<std::optional<Refusal>> Connection::read_request_head(HeadEnd& end) {
  std::size_t scanned = 0;
  bool reading = false;
  for (;;) {
    // RFC 9112 section 2.2: an empty line before a request is overlooked.
    if (scanned == 0 && input_.starts_with("\r\n")) input_.erase(0, 2);
    if (input_.empty()) {
      if (home_->draining_) co_return interrupted();
      input_ = std::string();
      enter(Phase::idle, home_->options_.idle_timeout);
    } else {
      end = find_head_end(input_, scanned, home_->limits_);
      if (end.refusal || end.size > 0) co_return end.refusal;
      if (!std::exchange(reading, true)) enter(Phase::reading, home_->options_.header_timeout);
    }
    const bool more = co_await receive();
    if (!more) {
      if (phase_ == Phase::idle) timed_out_ = false;  // nothing was begun that could be answered
      co_return interrupted();
    }
  }
}

Task<Connection::Next> Connection::serve_one() {
  HeadEnd end;
  auto refusal = co_await read_request_head(end);
  Exchange exchange;
  Head head;
  Request& request = exchange.request;
  std::optional<Method> method;
  if (!refusal) {
    exchange.start = Clock::now();
    exchange.peer = &peer_;
    refusal = read_head(std::string_view(input_).substr(0, end.size), home_->limits_, head,
                        request.headers);
  }
  if (!refusal) {
    method = method_from(head.method);
    if (!method) refusal = Refusal{Code::method_not_allowed, "the method is not known here"};
  }
  if (!refusal) {
    request.method = *method;
    request.target = home_->dispatcher_->resolve(peer_, head.target);
    request.client.request_id = home_->ids_.next();
    if (head.upgrade && request.method == Method::get && !head.chunked &&
        head.content_length.value_or(0) == 0 && !home_->draining_) {
      if (const auto* handler = home_->dispatcher_->find_upgrade(exchange)) {
        hand_over(*handler, exchange, end.size);
        co_return Next::gone;
      }
    }
    refusal = co_await read_body(head, end.size, request.body);
  }
  if (refusal) {
    const auto next = co_await refuse(*refusal);
    co_return next;
  }

  work();
  std::optional<Response> response;
  {
    const Counted counted(home_->counts_->in_flight);
    SocketDeparture departure(*stream_);
    request.departure = &departure;
    response = co_await home_->dispatcher_->answer(exchange);
    request.departure = nullptr;
  }
  ++served_;
  const bool keep_alive =
      head.keep_alive && !home_->draining_ && served_ < home_->options_.max_requests_per_connection;
  const bool written = co_await write(*response, request.method == Method::head, keep_alive,
                                      head.http_1_0, home_->dispatcher_->policy_for(exchange));
  home_->dispatcher_->record(exchange, response->status, response->content().size(), *home_->log_);
  co_return written&& keep_alive ? Next::request : Next::close;
}

Task<std::optional<Refusal>> Connection::read_body(const Head& head, std::size_t head_size,
                                                   std::string& body) {
  if (head.chunked) {
    enter(Phase::reading, home_->options_.body_timeout);
    auto refusal = co_await read_chunked(head, body);
    co_return refusal;
  }
  const auto length = head.content_length.value_or(0);
  if (length > home_->options_.max_body_bytes) {
    co_return Refusal{Code::too_large, "the body is larger than the limit"};
  }
  const std::size_t whole = head_size + length;
  if (input_.size() < whole) {
    enter(Phase::reading, home_->options_.body_timeout);
    const bool invited = co_await invite_body(head, whole - input_.size());
    if (!invited) co_return interrupted();
  }
  while (input_.size() < whole) {
    const bool more = co_await receive();
    if (!more) co_return interrupted();
  }
  body.assign(input_, head_size, length);
  input_.erase(0, whole);
  co_return std::nullopt;
}

// RFC 9110 section 10.1.1: the client waits for a sign before it sends the body.
Task<bool> Connection::invite_body(const Head& head, std::size_t missing) {
  if (!head.expects_continue || missing == 0) co_return true;
  const bool written = co_await write_rest("HTTP/1.1 100 Continue\r\n\r\n", {});
  co_return written;
}

// Beast decodes the chunks; the guard has made sure that it reads the same head as we did.
Task<std::optional<Refusal>> Connection::read_chunked(const Head& head, std::string& body) {
  const Refusal malformed{Code::invalid_request, "the chunks are not well-formed"};
  const Refusal too_large{Code::too_large, "the body is larger than the limit"};
  const std::size_t most = home_->options_.max_body_bytes;
  Parser parser;
  parser.eager(true);
  parser.body_limit(most);
  parser.header_limit(static_cast<std::uint32_t>(home_->limits_.bytes));
  auto check_extension = [](std::uint64_t, beast::string_view extension,
                            beast::error_code& failed) {
    if (!is_plain_chunk_extension({extension.data(), extension.size()})) {
      failed = beast::http::error::bad_chunk_extension;
    }
  };
  parser.on_chunk_header(check_extension);
  const bool invited = co_await invite_body(head, 1);
  if (!invited) co_return interrupted();

  std::size_t consumed = 0;
  while (!parser.is_done()) {
    beast::error_code failed;
    const std::size_t used =
        input_.empty() ? 0 : parser.put(asio::const_buffer(input_.data(), input_.size()), failed);
    input_.erase(0, used);
    consumed += used;
    if (failed == beast::http::error::body_limit ||
        consumed > most * kChunkOverhead + home_->limits_.bytes) {
      co_return too_large;
    }
    if (failed && failed != beast::http::error::need_more) co_return malformed;
    if (parser.is_done()) break;
    if (used > 0 && !input_.empty() && !failed) continue;
    // An unfinished chunk header or trailer is kept until it is whole.
    if (input_.size() > home_->limits_.bytes + home_->scratch_.size()) co_return malformed;
    const bool more = co_await receive();
    if (!more) co_return interrupted();
  }
  body = std::move(parser.get().body());
  co_return std::nullopt;
}

Task<Connection::Next> Connection::refuse(Refusal refusal) {
  if (refusal.reason == nullptr) co_return Next::close;  // there is no one to tell
  timed_out_ = false;
  const auto id = home_->ids_.next();
  Response response = home_->dispatcher_->refuse(refusal.code, refusal.reason, id);
  response.headers.set("x-request-id", id);
  if (refusal.code == Code::method_not_allowed) {
    response.headers.set("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  }
  co_await write(response, false, false, false, home_->dispatcher_->policy().api());
  home_->dispatcher_->record_refusal(response.status);
  home_->log_->add_refusal(peer_.text, response.status, refusal.reason);
  co_return Next::linger;
}

Task<bool> Connection::write(Response& response, bool head_only, bool keep_alive, bool http_1_0,
                             std::string_view policy) {
  std::string& out = home_->out_;
  out.clear();
  const Framing framing{keep_alive, http_1_0, home_->date(), policy};
  append_response_head(out, response, framing);
  const auto content =
      head_only || is_bodiless(response.status) ? std::string_view() : response.content();
  std::size_t sent = 0;
  if (!stream_->secure()) {
    // Nearly always the socket takes all of it at once, from the shard's own buffer.
    boost::system::error_code failed;
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(out), asio::buffer(content)};
    sent = stream_->socket().write_some(buffers, failed);
    if (sent == out.size() + content.size()) co_return true;
    if (failed && failed != asio::error::would_block) co_return false;
  }
  const std::size_t of_head = std::min(sent, out.size());
  std::string rest = out.substr(of_head);
  enter(Phase::writing, home_->options_.write_timeout);
  const bool written = co_await write_rest(std::move(rest), content.substr(sent - of_head));
  co_return written;
}

Task<bool> Connection::write_rest(std::string head, std::string_view content) {
  boost::system::error_code failed;
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head), asio::buffer(content)};
  co_await asio::async_write(*stream_, buffers, asio::redirect_error(use_task, failed));
  co_return !failed;
}

// Lets the client read the last answer: closing with unread input would reset the connection and take
// the answer with it (RFC 9112 section 9.6).
Task<> Connection::linger() {
  boost::system::error_code ignored;
  if (!stream_->secure()) stream_->socket().shutdown(net::Socket::shutdown_send, ignored);
  enter(Phase::ending, kLinger);
  std::size_t discarded = 0;
  while (discarded < kLingerBytes) {
    input_.clear();
    const bool more = co_await receive();
    if (!more) co_return;
    discarded += input_.size();
  }
}

void Connection::hand_over(const net::UpgradeHandler& handler, Exchange& exchange,
                           std::size_t head_size) {
  Parser parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(home_->limits_.bytes + 1));
  beast::error_code failed;
  parser.put(asio::const_buffer(input_.data(), head_size), failed);
  if (failed || !parser.is_done()) throw beast::system_error(failed);
  net::Upgrade upgrade;
  upgrade.request = parser.release();
  upgrade.request.target(exchange.request.target);
  const auto left = std::string_view(input_).substr(head_size);
  const auto room = upgrade.leftover.prepare(left.size());
  if (!left.empty()) std::memcpy(room.data(), left.data(), left.size());
  upgrade.leftover.commit(left.size());
  upgrade.client = exchange.request.client;
  upgrade.shard = &home_->shard_;
  upgrade.stream = std::move(stream_);
  home_->dispatcher_->record(exchange, 101, 0, *home_->log_);
  home_->shard_.tasks.spawn("upgraded connection",
                            run_upgraded(handler, std::move(upgrade), std::move(seat_)));
}

}  // namespace stoa::http
