#include "realtime/wire/engineio/session.hpp"

#include "realtime/give_way.hpp"

#include <stoa/core/values.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/post.hpp>

namespace stoa::realtime::engineio {
namespace {

constexpr std::string_view kText = "text/plain; charset=UTF-8";
constexpr std::string_view kHtml = "text/html";

}  // namespace

PollAnswer noop() {
  return {200, kText, std::string(1, static_cast<char>(PacketType::noop))};
}

PollAnswer refuse(Problem problem) {
  constexpr std::array<std::string_view, 6> kMessages = {
      "Transport unknown", "Session ID unknown", "Bad handshake method",
      "Bad request",       "Forbidden",          "Unsupported protocol version"};
  const auto code = static_cast<std::size_t>(problem);
  return {problem == Problem::forbidden ? 403 : 400, "application/json",
          "{\"code\":" + std::to_string(code) + ",\"message\":\"" + std::string(kMessages[code]) +
              "\"}"};
}

std::string_view query_value(const std::vector<std::pair<std::string, std::string>>& query,
                             std::string_view name) noexcept {
  const auto found = std::find_if(query.begin(), query.end(),
                                  [name](const auto& one) { return one.first == name; });
  return found == query.end() ? std::string_view() : std::string_view(found->second);
}

Session::Session(std::shared_ptr<ServerState> server, ShardSessions& home, std::string sid,
                 Handshake handshake, Admission::Ticket ticket, std::unique_ptr<net::Stream> stream)
    : server_(std::move(server)),
      home_(home),
      sid_(std::move(sid)),
      number_(home.next_number++),
      handshake_(std::move(handshake)),
      ticket_(std::move(ticket)),
      transport_(stream ? Transport::websocket : Transport::polling),
      ping_at_(Clock::now() + server_->options.ping_interval) {
  const OutboundLimits limits{server_->options.max_queue_bytes, server_->options.max_queue_frames};
  out_ = std::make_shared<Outbound>(std::move(stream), home.local.flusher(), home.local.counters,
                                    limits);
  out_->carried_by(this);
  out_->belongs_to(net::share_of(handshake_.client, std::nullopt));
  out_->on_surplus([this] { close(kSlowReader); });
  handler_ = server_->make_handler(*this);
}

Session::~Session() {
  out_->carried_by(nullptr);
  out_->on_surplus(nullptr);
}

LocalHub& Session::local() const noexcept {
  return home_.local;
}

websocket::ReaderLimits Session::reader_limits() const noexcept {
  return {server_->options.max_payload, server_->gateway->config.realtime.max_fragments, true};
}

void Session::begin() {
  home_.by_sid.emplace(sid_, shared_from_this());
  home_.by_number.emplace(number_, this);
  begun_ = true;
  ticket_.yield(close_to_give_way(home_.local, weak_from_this()));
  schedule();
}

void Session::wait_again(const std::optional<Uuid>& shown) {
  waits_again_ = true;
  if (ticket_ || state_ != State::open) return;
  try {
    ticket_ =
        gateway().admission.admit(handshake_.client.address, shown ? shown : handshake_.shown);
  } catch (const Error&) {
    return close(kGivesWay);
  }
  ticket_.yield(close_to_give_way(home_.local, weak_from_this()));
}

// ---- Sending and ending ---------------------------------------------------------------------------------

void Session::send(Frame frame) {
  if (state_ != State::open || out_->append(std::move(frame))) return;
  home_.local.counters.slow_readers.add();
  home_.local.counters.frames_dropped.add(out_->drop_waiting());
  close(kSlowReader);
}

void Session::close(const CloseReason& why) {
  if (state_ != State::open) return;
  state_ = State::closing;
  if (transport_ == Transport::websocket) {
    out_->append_always(websocket::close_frame(why));
    out_->wake_reader();
  } else {
    poll_bell_.ring();
  }
  forget_at_ = Clock::now() + kLinger;
  finish();
  schedule();
}

// The transport is gone, or the client has said goodbye: nothing can be sent any more.
void Session::lost() {
  if (state_ == State::open) state_ = State::closed;
  poll_bell_.ring();
  finish();
  if (transport_ == Transport::polling) forget();
}

void Session::finish() {
  if (std::exchange(ended_, true)) return;
  if (probing_ != nullptr) {
    boost::system::error_code ignored;
    probing_->socket().cancel(ignored);
  }
  home_.local.shard().tasks.spawn("engine.io end", run_end(shared_from_this()));
}

Task<> next_turn(LocalHub& local) {
  co_await asio::post(local.shard().context.get_executor(), use_task);
}

Task<> Session::run_end(std::shared_ptr<Session> self) {
  co_await next_turn(self->home_.local);
  co_await self->handler_->end();
}

void Session::forget() {
  const auto self = shared_from_this();
  state_ = State::closed;
  home_.by_sid.erase(sid_);
  home_.by_number.erase(number_);
  ticket_ = Admission::Ticket();
  out_->close();
}

void Session::client_closed(std::uint16_t code) {
  close({code, {}});
}

Task<> Session::quiet() {
  co_return;  // run_end() waits
}

void Session::departed() {
  if (polling_ && state_ == State::open) lost();
}

// Without a last word where that would wait for a poll.
void Session::cut() {
  if (transport_ == Transport::polling) {
    lost();
  } else {
    close();
  }
}

void Session::close_in(std::optional<Duration> time) {
  close_at_ = time ? Clock::now() + *time : Clock::time_point::max();
  if (begun_) schedule();
}

void Session::drain() {
  if (!handler_->ends_by_itself()) close();
}

// ---- What comes -----------------------------------------------------------------------------------------

bool Session::message(std::string_view data, bool binary) {
  if (binary) return handler_->message(data, true);
  PayloadReader reader(data, PayloadReader::Of::websocket);
  const auto packet = reader.next();
  if (packet) return receive(*packet);
  cut();
  return true;
}

bool Session::receive(const Packet& packet) {
  switch (packet.type) {
    case PacketType::message:
      return handler_->message(packet.data, packet.binary);
    case PacketType::pong:
      if (pong_due_ == Clock::time_point::max()) break;  // nobody has asked
      ping_at_ = pong_due_ - server_->options.ping_timeout + server_->options.ping_interval;
      pong_due_ = Clock::time_point::max();
      schedule();
      break;
    case PacketType::close:
      said_goodbye_ = true;
      left_unpolled_ = transport_ == Transport::polling && !polling_;
      cut();
      break;
    case PacketType::ping:
      cut();  // the server asks, not the client
      break;
    case PacketType::open:
    case PacketType::upgrade:
    case PacketType::noop:
      break;
  }
  return true;
}

Task<> Session::settle() {
  busy_ = true;
  co_await handler_->settle();
  busy_ = false;
}

// ---- Polling --------------------------------------------------------------------------------------------

Task<PollAnswer> Session::poll() {
  const auto self = shared_from_this();
  if (transport_ != Transport::polling) co_return refuse(Problem::bad_request);
  if (polling_) {
    lost();
    co_return refuse(Problem::bad_request);
  }
  polling_ = true;
  while (state_ == State::open && transport_ == Transport::polling && !probed_ &&
         out_->frames() == 0) {
    co_await poll_bell_.wait(home_.local.shard().context.get_executor());
  }
  polling_ = false;
  if (state_ != State::open) co_return last_words();
  // Once a WebSocket has been probed no poll waits, so that the client can change over.
  if (transport_ == Transport::websocket || out_->frames() == 0) co_return noop();
  const auto frames = out_->take();
  co_return PollAnswer{200, kText, write_payload(frames)};
}

PollAnswer Session::last_words() {
  if (said_goodbye_) return noop();
  auto frames = out_->take();
  frames.push_back(text_packet(PacketType::close));
  forget();
  return {200, kText, write_payload(frames)};
}

bool Session::begin_post() {
  if (transport_ != Transport::polling || state_ != State::open) return false;
  if (posting_) {
    lost();
    return false;
  }
  posting_ = true;
  return true;
}

Task<PollAnswer> Session::post(std::string body, bool octets) {
  const auto self = shared_from_this();
  struct Done {
    Session& session;
    ~Done() { session.end_post(); }
  } const done{*this};
  if (transport_ != Transport::polling) co_return refuse(Problem::bad_request);
  if (octets) {
    lost();
    co_return refuse(Problem::bad_request);
  }
  if (state_ != State::open) co_return refuse(Problem::bad_request);
  if (body.size() > server_->options.max_payload) co_return PollAnswer{413, kHtml, {}};
  net::LoopTurns& turns = home_.local.shard().turns;
  if (body.size() > net::Slice::kLargeBytes) co_await turns.next(turn());
  if (!is_valid_utf8(body)) {
    lost();
    co_return refuse(Problem::bad_request);
  }
  PayloadReader payload(body, PayloadReader::Of::polling);
  std::size_t packets = 0;
  net::Slice slice;
  while (state_ == State::open && !payload.done()) {
    const auto packet = payload.next();
    if (!packet || ++packets > server_->options.max_packets) {
      lost();
      co_return refuse(Problem::bad_request);
    }
    if (!receive(*packet)) {
      co_await settle();
      slice.resume();
    }
    if (slice.step() || payload.done()) continue;
    co_await turns.next(turn());
    slice.renew();
  }
  co_return PollAnswer{200, kHtml, "ok"};
}

// ---- Time -----------------------------------------------------------------------------------------------

void Session::schedule() {
  const auto now = Clock::now();
  const auto alive =
      state_ == State::open ? std::min({ping_at_, pong_due_, close_at_}) : forget_at_;
  tick_ = home_.timers.schedule(
      number_, std::min({alive, probe_due_, forget_at_, now + TimerWheel::kHorizon}));
}

void Session::on_timer(Clock::time_point now, std::uint64_t tick) {
  if (tick != tick_) return;
  if (now >= forget_at_) {
    out_->close();
    return forget();
  }
  if (now >= probe_due_ && probing_ != nullptr) {
    probe_due_ = Clock::time_point::max();
    boost::system::error_code ignored;
    probing_->socket().cancel(ignored);
  }
  if (state_ == State::open && now >= close_at_) return close();
  if (state_ == State::open && now >= pong_due_) {
    if (!busy_) return cut();
    pong_due_ = reckoned(pong_due_, now) + server_->options.ping_timeout;
  } else if (state_ == State::open && now >= ping_at_) {
    pong_due_ = reckoned(ping_at_, now) + server_->options.ping_timeout;
    ping_at_ = Clock::time_point::max();
    send(text_packet(PacketType::ping));
  }
  schedule();
}

// ---- A shard's sessions ---------------------------------------------------------------------------------

void Farewells::add(std::string sid, std::uint32_t by, Clock::time_point now) {
  while (!all_.empty() && (all_.size() >= kMost || all_.front().until <= now)) all_.pop_front();
  all_.push_back({std::move(sid), by, now + Session::kLinger});
}

bool Farewells::take(std::string_view sid, std::uint32_t by, Clock::time_point now) {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [sid](const Farewell& one) { return one.sid == sid; });
  if (found == all_.end() || found->by == by || found->until <= now) return false;
  all_.erase(found);
  return true;
}

std::shared_ptr<Session> ShardSessions::find(std::string_view sid) const {
  const auto found = by_sid.find(std::string(sid));
  return found == by_sid.end() ? nullptr : found->second;
}

Task<> ShardSessions::run_timers() {
  return timers.run([this](std::uint64_t number, Clock::time_point now, std::uint64_t tick) {
    const auto found = by_number.find(number);
    if (found == by_number.end()) return;
    const auto session = found->second->shared_from_this();
    session->on_timer(now, tick);
  });
}

void ShardSessions::drain() {
  std::vector<std::shared_ptr<Session>> all;
  for (const auto& [sid, session] : by_sid) all.push_back(session);
  for (const auto& session : all) session->drain();
}

}  // namespace stoa::realtime::engineio
