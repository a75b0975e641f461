#include "http/connection.hpp"

#include "http/disconnect.hpp"

#include <stoa/http/source.hpp>
#include <stoa/net/networks.hpp>
#include <stoa/net/turns.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace stoa::http {
namespace {

namespace beast = boost::beast;

// A body of so few bytes is copied behind its head: one piece costs the system less than two.
constexpr std::size_t kCopied = 4 * config::kKiB;
// Before a request; RFC 9112 section 2.2 asks to overlook one.
constexpr int kMostEmptyLines = 8;

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

Peer peer_of(const net::Accepted& accepted, bool trusted) {
  Peer peer;
  peer.address = accepted.peer;
  peer.text = accepted.peer.to_string();
  peer.trusted = trusted;
  peer.secure = accepted.stream->secure();
  peer.listener = accepted.listener;
  return peer;
}

}  // namespace

Connection::Connection(std::shared_ptr<ShardConnections> common, net::Accepted accepted,
                       bool trusted)
    : common_(std::move(common)),
      peer_(peer_of(accepted, trusted)),
      link_(common_, std::move(accepted.stream), std::move(accepted.seat)) {
  link_.belongs_to(net::share_of(peer_.address, std::nullopt));
  common_->counts_->open.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
  common_->counts_->open.fetch_sub(1, std::memory_order_relaxed);
}

Task<> Connection::run() {
  if (peer_.secure) {
    const bool ready = co_await link_.shake_hands({net::client_key(peer_.address), 0});
    if (!ready) co_return;
  }
  Next next = co_await serve_one();
  while (next == Next::request) {
    // A pipelined request waits for its turn, so that other connections have theirs in between.
    if (!link_.received().empty()) {
      const TurnKey who{net::client_key(peer_.address), 0};
      co_await common_->shard_.turns.next(who);
    }
    next = co_await serve_one();
  }
  if (next == Next::gone) co_return;
  if (next == Next::linger || !link_.received().empty()) co_await linger();
  co_await link_.close();
}

// Why reading stopped short.
Refusal Connection::interrupted() const noexcept {
  if (link_.is_given_up()) return Refusal{Code::overloaded, "too much waits on the server"};
  return link_.timed_out() ? Refusal{Code::request_timeout, "the request came too slowly"}
                           : Refusal{Code::internal, nullptr};
}

Task<std::optional<Refusal>> Connection::read_request_head(HeadEnd& end) {
  std::size_t scanned = 0;
  bool reading = false;
  int empty_lines = 0;
  link_.set_known(false);
  const auto idle_until = Clock::now() + common_->options_.idle_timeout;
  for (;;) {
    // RFC 9112 section 2.2: empty lines before a request are overlooked. They are none, so the connection is as idle as
    // before.
    while (link_.received().starts_with("\r\n")) {
      if (++empty_lines > kMostEmptyLines) {
        co_return Refusal{Code::invalid_request, "empty lines in place of a request"};
      }
      link_.consume(2);
      scanned = 0;
      reading = false;
    }
    if (link_.received().empty()) {
      if (common_->draining_) co_return interrupted();
      link_.release_buffer();
      link_.enter_until(Link::Phase::idle, idle_until);
    } else {
      end = find_head_end(link_.received(), scanned, common_->limits_);
      if (end.refusal || end.size > 0) co_return end.refusal;
      if (!std::exchange(reading, true)) {
        link_.enter(Link::Phase::reading, common_->options_.header_timeout);
      }
    }
    const bool more = co_await link_.receive();
    if (!more) {
      if (link_.idle()) link_.forgive();  // nothing was begun that could be answered
      co_return interrupted();
    }
  }
}

std::optional<Refusal> Connection::read_head_into(Exchange& exchange, const HeadEnd& end,
                                                  Head& head) {
  Request& request = exchange.request;
  const auto block = link_.received().substr(0, end.size);
  if (auto refusal = read_head(block, common_->limits_, head, request.headers)) return refusal;
  const auto method = method_from(head.method);
  if (!method) return Refusal{Code::method_not_allowed, "the method is not known here"};
  request.method = *method;
  request.target = common_->dispatcher_->resolve(peer_, head.target);
  return std::nullopt;
}

Task<Connection::Next> Connection::serve_one() {
  HeadEnd end;
  auto refusal = co_await read_request_head(end);
  const Dispatcher& dispatcher = *common_->dispatcher_;
  Exchange exchange;
  exchange.start = Clock::now();
  exchange.peer = &peer_;
  exchange.turns = &common_->shard_.turns;
  Request& request = exchange.request;
  request.client.request_id = common_->ids_.next();
  Head head;
  if (!refusal) refusal = read_head_into(exchange, end, head);
  if (refusal) {
    const auto next = co_await refuse(exchange, *refusal);
    co_return next;
  }
  link_.work();
  if (link_.is_displaced()) co_return Next::close;
  if (head.upgrade && request.method == Method::get && !announces_body(head) &&
      !common_->draining_) {
    if (const auto* handler = dispatcher.find_upgrade(exchange)) {
      if (hand_over(*handler, exchange, end.size)) co_return Next::gone;
      refusal = Refusal{Code::invalid_request, "Connection"};
      const auto next = co_await refuse(exchange, *refusal);
      co_return next;
    }
  }
  // From here on the head's views into what has come are not looked at.
  link_.consume(end.size);
  IncomingBody body(link_, head, common_->limits_.bytes);
  co_await dispatcher.begin(exchange, head);
  link_.belongs_to(net::share_of(exchange.address, request.caller));
  link_.set_known(request.caller.has_value());
  if (!exchange.response) {
    body.limit(exchange.most_body);
    if (request.caller && !body.at_end()) {
      body.at_its_end(
          [&dispatcher, &caller = *request.caller] { return dispatcher.require_standing(caller); });
    }
    if (flows(exchange.body)) {
      request.stream = &body;
    } else if (!body.at_end() && !body.take(request.body)) {
      co_await read_body(exchange, body);
    }
  }
  if (!exchange.response) {
    const Counted counted(common_->counts_->in_flight);
    SocketDisconnect disconnect(link_.stream());
    request.disconnect = &disconnect;
    co_await dispatcher.answer(exchange);
    request.disconnect = nullptr;
    request.stream = nullptr;
  }
  give_back(request.body);
  link_.keep_body(0);
  const auto next = co_await finish(exchange, head, body);
  co_return next;
}

Task<> Connection::read_body(Exchange& exchange, IncomingBody& body) {
  std::exception_ptr failure;
  try {
    co_await body.read(exchange.request.body);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure && !body.gone()) common_->dispatcher_->fail(exchange, failure);
  link_.work();
}

// Writes the answer, and sees to what the client has sent of its body and nobody has read.
Task<Connection::Next> Connection::finish(Exchange& exchange, const Head& head,
                                          IncomingBody& body) {
  if (body.gone()) co_return Next::close;  // there is no one to tell
  link_.forgive();
  ++served_;
  // Who has too much under way is not waited for as well.
  const std::size_t patience =
      exchange.is_crowded_out() ? link_.received().size() : common_->options_.max_skip_bytes;
  const auto rest = body.to_skip(patience);
  const bool keep_alive = rest && head.keep_alive && !common_->draining_ && !link_.is_given_up() &&
                          served_ < common_->options_.max_requests_per_connection;
  Response& response = *exchange.response;
  const bool endless = !response.size();  // as far as one can tell before its end
  Framing framing{keep_alive, head.http_1_0, common_->date(),
                  common_->dispatcher_->policy_for(exchange), endless && !head.http_1_0};
  if (endless && head.http_1_0) framing.keep_alive = false;  // its end is the connection's
  bool written = false;
  if (response.source && exchange.request.method != Method::head) {
    written = co_await write_source(exchange, framing);
  } else {
    auto unsent = write(response, exchange.request.method == Method::head, framing);
    written = unsent.has_value();
    if (written && !unsent->empty()) {
      written = co_await write_rest(std::move(*unsent), response.body.size());
    }
  }
  common_->dispatcher_->record(exchange, response.status, response.size().value_or(0),
                               *common_->log_);
  if (!written) co_return Next::close;
  if (!rest || (!framing.keep_alive && *rest > 0)) co_return Next::linger;
  if (!framing.keep_alive) co_return Next::close;
  if (*rest > 0) {
    const bool skipped = co_await body.skip(*rest);
    if (!skipped) co_return Next::close;
  }
  co_return Next::request;
}

// What never became a request.
Task<Connection::Next> Connection::refuse(Exchange& exchange, Refusal refusal) {
  if (refusal.reason == nullptr) co_return Next::close;  // there is no one to tell
  link_.forgive();
  const auto known = link_.received().substr(0, common_->limits_.bytes);
  common_->dispatcher_->refuse(exchange, refusal, glance_at_head(known));
  Response& response = *exchange.response;
  const Framing framing{false, false, common_->date(), common_->dispatcher_->policy().api()};
  auto unsent = write(response, false, framing);
  if (unsent && !unsent->empty()) co_await write_rest(std::move(*unsent), response.body.size());
  common_->dispatcher_->record_refusal(response.status);
  common_->log_->add_refusal(peer_.text, response.status, refusal.reason);
  co_return Next::linger;
}

std::optional<Connection::Unsent> Connection::write(const Response& response, bool head_only,
                                                    const Framing& framing) {
  std::string& out = common_->out_;
  out.clear();
  append_response_head(out, response, framing);
  auto content =
      head_only || is_bodiless(response.status) ? std::string_view() : response.content();
  if (content.size() <= kCopied) out.append(std::exchange(content, {}));
  // Nearly always the socket takes all of it at once, from the shard's own buffer.
  const auto sent = link_.write_now(out, content);
  if (!sent) return std::nullopt;
  if (*sent == out.size() + content.size()) return Unsent{};
  const std::size_t of_head = std::min(*sent, out.size());
  return Unsent{out.substr(of_head), content.substr(*sent - of_head)};
}

Task<bool> Connection::write_rest(Unsent unsent, std::size_t body_size) {
  link_.keep_answer(unsent.head.size() + body_size);
  const bool written = co_await link_.write(std::move(unsent.head), unsent.content);
  link_.keep_answer(0);
  co_return written;
}

// Reads the source as the client reads. False: the answer is not whole, so the connection has to end.
Task<bool> Connection::write_source(const Exchange& exchange, Framing framing) {
  const Response& response = *exchange.response;
  const std::shared_ptr<Source> source = response.source;
  const auto size = response.size();
  const std::size_t most_at_once = common_->options_.piece_bytes;
  source->cut_by(link_.cutter(source));
  std::uint64_t sent = 0;
  std::string head;
  append_response_head(head, response, framing);
  for (bool more = true; more;) {
    const std::size_t most =
        size ? static_cast<std::size_t>(std::min<std::uint64_t>(*size - sent, most_at_once))
             : most_at_once;
    std::string_view piece;
    if (most > 0) {
      try {
        piece = co_await source->read(response.first + sent, most);
      } catch (const std::exception& error) {
        common_->dispatcher_->report(exchange, "answer_cut_short", error.what());
        co_return false;
      }
    }
    more = !piece.empty() && (!size || sent + piece.size() < *size);
    if (framing.chunked) append_chunk_frame(head, piece.size(), sent == 0);
    sent += piece.size();
    link_.keep_answer(head.size() + piece.size());
    const bool written = co_await link_.write(std::exchange(head, {}), piece);
    link_.keep_answer(0);
    if (!written) co_return false;
  }
  co_return !size || sent == *size;
}

// Lets the client read the last answer: closing with unread input would reset the connection and take
// the answer with it (RFC 9112 section 9.6).
Task<> Connection::linger() {
  boost::system::error_code ignored;
  if (!peer_.secure) link_.stream().socket().shutdown(net::Socket::shutdown_send, ignored);
  link_.enter(Link::Phase::ending, common_->options_.linger_timeout);
  link_.release_buffer();
  std::size_t discarded = 0;
  while (discarded < common_->options_.max_linger_bytes) {
    const std::size_t count = co_await link_.discard();
    if (count == 0) co_return;
    discarded += count;
  }
}

bool Connection::hand_over(const net::UpgradeHandler& handler, Exchange& exchange,
                           std::size_t head_size) {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(common_->limits_.bytes + 1));
  beast::error_code failed;
  const auto received = link_.received();
  parser.put(asio::const_buffer(received.data(), head_size), failed);
  if (failed || !parser.is_done()) return false;
  net::Upgrade upgrade;
  upgrade.request = parser.release();
  upgrade.request.target(exchange.request.target);
  const auto left = received.substr(head_size);
  const auto room = upgrade.leftover.prepare(left.size());
  if (!left.empty()) std::memcpy(room.data(), left.data(), left.size());
  upgrade.leftover.commit(left.size());
  upgrade.client = exchange.request.client;
  upgrade.shard = &common_->shard_;
  upgrade.stream = link_.release();
  // Whoever takes it may answer on another shard; the log is this one's.
  const auto asked = std::make_shared<const Exchange>(std::move(exchange));
  upgrade.answered = [common = common_, asked](int status) {
    asio::dispatch(common->shard_.context, [common, asked, status] {
      common->dispatcher_->record(*asked, status, 0, *common->log_);
    });
  };
  common_->shard_.tasks.spawn("upgraded connection",
                              run_upgraded(handler, std::move(upgrade), link_.release_seat()));
  return true;
}

}  // namespace stoa::http
