#include "realtime/wire/websocket/link.hpp"

#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/memory.hpp>
#include <stoa/net/waiting_bytes.hpp>

#include <cerrno>
#include <span>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <sys/socket.h>

namespace stoa::realtime::websocket {
namespace {

constexpr std::size_t kTlsRead = 4096;

// The session ends with its coroutine, in whatever way that ends; a frame that is destroyed in its sleep
// (the loop is gone) tells nobody.
class Ending {
 public:
  explicit Ending(std::shared_ptr<Receiver> receiver, std::shared_ptr<Outbound> out)
      : receiver_(std::move(receiver)), out_(std::move(out)) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() {
    out_->close();
    receiver_->leave();
  }

 private:
  std::shared_ptr<Receiver> receiver_;
  std::shared_ptr<Outbound> out_;
};

enum class Got { data, nothing, end };

// What is in the socket now.
Got receive(net::Socket& socket, std::vector<char>& into, std::span<char>& data) {
  const ssize_t n = ::recv(socket.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  if (n > 0) {
    data = {into.data(), static_cast<std::size_t>(n)};
    return Got::data;
  }
  const bool later = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return later ? Got::nothing : Got::end;
}

// What has come and is not dealt with yet. Let go of, with the session, where too much waits on the shard.
struct Received {
  Received(Receiver& receiver, net::WaitingBytes& waiting, ReaderLimits limits, std::string early)
      : reader(limits), kept(std::move(early)), input(kept), holding(waiting, [this, &receiver] {
          let_go();
          receiver.violation(kTooMuchWaits);
        }) {}

  // Before a wait, with bytes that are `who`'s: others use the scratch space meanwhile, so what is left of it comes along, once.
  void keep(const TurnKey& who) {
    const bool is_kept =
        !kept.empty() && input.data() >= kept.data() && input.data() <= kept.data() + kept.size();
    if (input.empty()) {
      give_back(kept);
    } else if (!is_kept) {
      kept.assign(input.begin(), input.end());
      input = std::span<char>(kept);
    }
    holding.belongs_to(who);
    holding.set(reader.held() + kept.size() + large.size());
  }
  void let_go() {
    reader.release();
    input = {};
    give_back(kept);
    give_back(large);
    holding.set(0);
  }

  FrameReader reader;
  std::string kept;
  std::span<char> input;
  std::string large;  // a message that waits for its turn
  net::Holding holding;
};

}  // namespace

bool SessionReceiver::message(std::string_view data, bool binary) {
  if (binary && !decoder_->takes_binary()) {
    session_->close(kUnsupportedData);
    return true;
  }
  if (session_->affords(data.size())) return session_->offer(decoder_->decode(data));
  Incoming unread;
  unread.id = decoder_->id_of(data);
  unread.problem = Error(Code::rate_limited);
  return session_->offer(std::move(unread));
}

Task<> run_link(std::shared_ptr<GatewayState> gateway, LocalHub* local,
                std::shared_ptr<Receiver> receiver, ReaderLimits limits,
                std::shared_ptr<Outbound> out, std::string early) {
  const auto kept_alive = std::move(gateway);
  const Ending ending(receiver, out);
  net::Stream& stream = out->stream();
  Received received(*receiver, local->shard().waiting, limits, std::move(early));
  std::span<char>& input = received.input;
  std::unique_ptr<char[]> tls_buffer;
  net::Slice slice;
  bool ended = false;  // the client has gone, with or without a goodbye
  boost::system::error_code error;

  try {
    while (receiver->open() && !ended) {
      if (input.empty()) {
        received.keep(out->owner());
        if (stream.secure()) {
          if (!tls_buffer) tls_buffer = std::make_unique<char[]>(kTlsRead);
          const auto buffer = asio::buffer(tls_buffer.get(), kTlsRead);
          const std::size_t n =
              co_await stream.async_read_some(buffer, asio::redirect_error(use_task, error));
          if (error) {
            ended = receiver->open();
            break;
          }
          input = {tls_buffer.get(), n};
        } else {
          co_await stream.socket().async_wait(net::Socket::wait_read,
                                              asio::redirect_error(use_task, error));
          if (!receiver->open()) break;
          const Got got = receive(stream.socket(), local->scratch(), input);
          if (got == Got::end) ended = true;
          if (got != Got::data) continue;
        }
        receiver->heard();
        slice.resume();
      }
      const Step step = received.reader.next(input);
      switch (step.kind) {
        case Step::Kind::need_more:
        case Step::Kind::pong:
          break;
        case Step::Kind::message: {
          std::string_view data = step.data;
          if (data.size() > net::Slice::kLargeBytes) {
            received.large = received.reader.take(data);
            received.keep(out->owner());
            co_await local->shard().turns.next(receiver->turn());
            slice.renew();
            if (!receiver->open()) break;
            data = received.large;
          }
          const bool is_settled = receiver->message(data, step.binary);
          give_back(received.large);
          if (!is_settled) {
            received.keep(out->owner());
            co_await receiver->settle();
            slice.resume();
          }
          break;
        }
        case Step::Kind::ping:
          receiver->pong(control_frame(Opcode::pong, step.data));
          break;
        case Step::Kind::close:
          receiver->client_closed(step.code);
          ended = true;
          break;
        case Step::Kind::violation:
          receiver->violation(step.why);
          break;
      }
      if (slice.step()) continue;
      received.keep(out->owner());
      co_await local->shard().turns.next(receiver->turn());
      slice.renew();
    }
    received.let_go();
    co_await receiver->quiet();
  } catch (...) {
    // Cancelled with the shard, as a rule: the observers hear of it below, and nothing more is waited for.
    receiver->end();
    throw;
  }
  const bool goodbye = !receiver->open();
  receiver->end();
  if (!goodbye) co_return;

  co_await out->drained();
  if (stream.secure()) {
    co_await stream.tls()->async_shutdown(asio::redirect_error(use_task, error));
    co_return;
  }
  stream.socket().shutdown(net::Socket::shutdown_send, error);
  // Closing with unread bytes in the socket would reset it and could take our goodbye along.
  while (!ended) {
    co_await stream.socket().async_wait(net::Socket::wait_read,
                                        asio::redirect_error(use_task, error));
    if (error) break;
    ended = receive(stream.socket(), local->scratch(), input) == Got::end;
  }
}

}  // namespace stoa::realtime::websocket
