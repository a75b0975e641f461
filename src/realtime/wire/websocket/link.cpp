#include "realtime/wire/websocket/link.hpp"

#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/memory.hpp>

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

// Others use the scratch space while one waits, so what is left of it comes along, once.
void keep(std::string& kept, std::span<char>& input) {
  const bool is_kept = input.data() >= kept.data() && input.data() <= kept.data() + kept.size();
  if (is_kept && !kept.empty()) return;
  kept.assign(input.begin(), input.end());
  input = std::span<char>(kept);
}

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
  FrameReader reader(limits);
  std::unique_ptr<char[]> tls_buffer;
  std::string kept = std::move(early);
  std::span<char> input(kept);
  net::Slice slice;
  bool ended = false;  // the client has gone, with or without a goodbye
  boost::system::error_code error;

  try {
    while (receiver->open() && !ended) {
      if (input.empty()) {
        give_back(kept);
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
      const Step step = reader.next(input);
      switch (step.kind) {
        case Step::Kind::need_more:
        case Step::Kind::pong:
          break;
        case Step::Kind::message: {
          std::string_view data = step.data;
          std::string large;
          if (data.size() > net::Slice::kLargeBytes) {
            large.assign(data);
            data = large;
            keep(kept, input);
            co_await local->shard().turns.next(receiver->turn());
            slice.renew();
            if (!receiver->open()) break;
          }
          if (!receiver->message(data, step.binary)) {
            keep(kept, input);
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
      keep(kept, input);
      co_await local->shard().turns.next(receiver->turn());
      slice.renew();
    }
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
