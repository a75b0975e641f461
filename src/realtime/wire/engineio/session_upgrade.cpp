// Session's change from polling to a WebSocket: the probe, then the attaching.
#include "realtime/wire/engineio/session.hpp"
#include "realtime/wire/websocket/handshake.hpp"

#include <span>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace stoa::realtime::engineio {

// Marks that a WebSocket wants to take over; one at a time.
class Session::Upgrading {
 public:
  Upgrading(Session& session, net::Stream& stream) : session_(session) {
    session_.probing_ = &stream;
    session_.probe_due_ = Clock::now() + session_.server_->options.upgrade_timeout;
    session_.schedule();
  }
  Upgrading(const Upgrading&) = delete;
  Upgrading& operator=(const Upgrading&) = delete;
  ~Upgrading() { done(); }
  void done() {
    session_.probing_ = nullptr;
    session_.probed_ = false;
    session_.probe_due_ = Clock::time_point::max();
  }

 private:
  Session& session_;
};

namespace {

constexpr std::size_t kProbeRead = 1024;

enum class Probe { more, probed, upgraded, failed };

// What the WebSocket says before it is the session's.
Probe probe(websocket::FrameReader& reader, std::span<char>& input) {
  const auto step = reader.next(input);
  using Kind = websocket::Step::Kind;
  if (step.kind == Kind::need_more || step.kind == Kind::pong) return Probe::more;
  if (step.kind != Kind::message || step.binary) return Probe::failed;
  return step.data == "2probe" ? Probe::probed : step.data == "5" ? Probe::upgraded : Probe::failed;
}

Task<> hang_up(Duration limit, std::unique_ptr<net::Stream> stream) {
  std::shared_ptr<net::Stream> socket = std::move(stream);
  std::string goodbye(websocket::close_frame({0, {}}).view());
  co_await websocket::send_last(limit, std::move(socket), std::move(goodbye));
}

}  // namespace

Task<> Session::upgrade(std::unique_ptr<net::Stream> stream, std::string early) {
  const auto self = shared_from_this();
  if (state_ != State::open || transport_ == Transport::websocket || probing_ != nullptr) {
    co_await hang_up(gateway().config.http.linger_timeout, std::move(stream));
    co_return;
  }
  Upgrading upgrading(*this, *stream);
  // What it says before is a few bytes long.
  websocket::FrameReader reader({kProbeRead, kProbeRead});
  std::string kept = std::move(early);
  std::span<char> input(kept);
  Probe heard = Probe::more;
  boost::system::error_code error;
  while (state_ == State::open && !error && heard != Probe::upgraded && heard != Probe::failed) {
    if (input.empty()) {
      kept.resize(kProbeRead);
      const auto buffer = asio::buffer(kept);
      const std::size_t n =
          co_await stream->async_read_some(buffer, asio::redirect_error(use_task, error));
      input = std::span<char>(kept).first(n);
      continue;
    }
    heard = probe(reader, input);
    if (heard != Probe::probed) continue;
    probed_ = true;
    poll_bell_.ring();
    const Frame answer = text_packet(PacketType::pong, "probe");
    const auto buffer = asio::buffer(answer.data(), answer.size());
    co_await asio::async_write(*stream, buffer, asio::redirect_error(use_task, error));
  }
  if (state_ != State::open || heard != Probe::upgraded) {
    co_await hang_up(gateway().config.http.linger_timeout, std::move(stream));
    co_return;
  }
  upgrading.done();
  transport_ = Transport::websocket;
  out_->attach(std::move(stream));
  poll_bell_.ring();
  std::string rest(input.begin(), input.end());
  co_await websocket::run_link(server_->gateway, &home_.local, self, reader_limits(), out_,
                               std::move(rest));
}

}  // namespace stoa::realtime::engineio
