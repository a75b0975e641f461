#include "realtime/client_session.hpp"

#include "realtime/give_way.hpp"

#include <stoa/core/log.hpp>
#include <stoa/net/turns.hpp>

#include <algorithm>
#include <utility>

namespace stoa::realtime {
ClientSession::ClientSession(std::shared_ptr<GatewayState> gateway, LocalHub& local,
                             const Endpoint& endpoint, std::shared_ptr<const Codec> codec,
                             std::shared_ptr<Outbound> out, Client client, Admission::Ticket ticket)
    : gateway_(std::move(gateway)),
      local_(local),
      endpoint_(endpoint),
      codec_(std::move(codec)),
      out_(std::move(out)),
      id_{local.shard().index, gateway_->next_session++, gateway_->node.id},
      key_(net::RateKey::of_address(client.address)),
      client_(std::move(client)),
      ticket_(std::move(ticket)),
      tokens_(static_cast<double>(endpoint.pace().burst)),
      refilled_(Clock::now()) {
  out_->belongs_to(net::share_of(client_, caller_));
}

ClientSession::~ClientSession() {
  while (!subscriptions_.empty())
    drop_subscription(static_cast<std::uint32_t>(subscriptions_.size() - 1));
  local_.leave(*this);
}

// ---- Life -----------------------------------------------------------------------------------------------

void ClientSession::start(std::optional<Caller> caller) {
  const auto now = Clock::now();
  next_ping_ = codec_->pings() ? now + gateway_->config.realtime.heartbeat_interval
                               : Clock::time_point::max();
  local_.enter(*this);
  if (caller) {
    ticket_.claim(caller->user);
    signed_in(std::move(*caller));
  } else if (!endpoint_.guests()) {
    deadline_ = now + gateway_->config.realtime.authenticate_timeout;
    if (ticket_) ticket_.yield(close_to_give_way(local_, weak_from_this()));
  }
  schedule(now);
}

void ClientSession::signed_in(Caller caller) {
  deadline_ = warn_at_ = Clock::time_point::max();
  if (caller.token_expires) {
    // The wall clock is asked once; from here on time runs evenly.
    const auto left = std::clamp<std::chrono::microseconds>(
        *caller.token_expires - now(), std::chrono::microseconds(0), std::chrono::hours(24 * 365));
    deadline_ = Clock::now() + left;
    // Half of a short life is as long as a client may want for its renewal.
    warn_at_ = deadline_ - std::min<std::chrono::microseconds>(
                               gateway_->config.realtime.token_warning, left / 2);
  }
  key_ = net::RateKey::of(caller.user);
  caller_ = std::move(caller);
  client_ = Client();
  out_->belongs_to(net::share_of(client(), caller_));
  subscribe(Topic::user(caller_->user));
}

void ClientSession::on_timer(Clock::time_point now, std::uint64_t tick) {
  if (tick != tick_) return;
  if (now >= deadline_) {
    if (state_ != State::open) return out_->close();
    close(kUnauthorized);
  } else if (now >= close_at_) {
    close_at_ = Clock::time_point::max();
    close(kServiceRestart);
  } else if (now >= warn_at_) {
    warn_at_ = Clock::time_point::max();
    send("token_expiring", "{\"expiresAt\":\"" + to_rfc3339(*caller_->token_expires) + "\"}");
  } else if (now >= next_ping_ && state_ == State::open) {
    next_ping_ = reckoned(next_ping_, now) + gateway_->config.realtime.heartbeat_interval;
    missed_ = heard_ || busy_ ? 0 : static_cast<std::uint8_t>(missed_ + 1);
    heard_ = false;
    if (missed_ >= 2) {
      close(kGoingAway);
    } else {
      push(codec_->encode_ping());
    }
  }
  schedule(now);
}

void ClientSession::schedule(Clock::time_point now) {
  const auto next = std::min({deadline_, warn_at_, close_at_});
  local_.schedule(*this, std::min({next, state_ == State::open ? next_ping_ : next,
                                   now + TimerWheel::kHorizon}));
}

void ClientSession::close_at(Clock::time_point when) {
  close_at_ = when;
  schedule(Clock::now());
}

void ClientSession::close(CloseReason why) {
  if (state_ == State::open) finish(codec_->encode_close(why), why.code);
}

void ClientSession::client_closed(std::uint16_t code) {
  if (state_ == State::open) finish(codec_->encode_close({code, {}}), code);
}

void ClientSession::finish(Frame close_frame, std::uint16_t code) {
  state_ = State::closing;
  closed_with_ = code;
  if (close_frame) out_->append_always(std::move(close_frame));
  deadline_ = Clock::now() + kLinger;
  schedule(Clock::now());
  out_->session_over();
  event_ended_.ring();
}

void ClientSession::too_slow() {
  // What waits is let go at once: the client asks for it by seq when it is back.
  local_.counters.slow_readers.add();
  local_.counters.frames_dropped.add(out_->drop_waiting());
  finish(codec_->encode_close(kSlowReader), kSlowReader.code);
}

Task<> ClientSession::quiet() {
  const auto self = shared_from_this();
  while (in_flight_ > 0) co_await event_ended_.wait(local_.shard().context.get_executor());
}

void ClientSession::end() {
  if (state_ == State::ended) return;
  state_ = State::ended;
  for (SessionObserver* observer : endpoint_.observers()) {
    try {
      observer->session_ended(*this);
    } catch (const std::exception& e) {
      log::error("session_observer_failed",
                 {{"requestId", client().request_id}, {"reason", e.what()}});
    }
  }
  while (!subscriptions_.empty())
    drop_subscription(static_cast<std::uint32_t>(subscriptions_.size() - 1));
}

void ClientSession::leave() {
  local_.leave(*this);
  ticket_ = Admission::Ticket();
}

// ---- Subscriptions --------------------------------------------------------------------------------------

ClientSession::Subscription* ClientSession::find(const Topic& topic) {
  for (Subscription& one : subscriptions_) {
    if (one.subscribers->topic == topic) return &one;
  }
  return nullptr;
}

ClientSession::Subscription& ClientSession::add(const Topic& topic) {
  if (subscriptions_.size() >= gateway_->config.realtime.max_topics_per_session) {
    throw Error(Code::overloaded, "This connection listens to as many topics as it may");
  }
  const auto slot = static_cast<std::uint32_t>(subscriptions_.size());
  Subscribers& subscribers = local_.subscribe(*this, topic, slot);
  subscriptions_.push_back({&subscribers,
                            static_cast<std::uint32_t>(subscribers.members.size() - 1), nullptr,
                            gateway_->hub.log().latest()});
  return subscriptions_.back();
}

void ClientSession::drop_subscription(std::uint32_t slot) {
  Subscription& one = subscriptions_[slot];
  local_.unsubscribe(*one.subscribers, one.index);
  if (slot + 1 < subscriptions_.size()) {
    one = std::move(subscriptions_.back());
    one.subscribers->members[one.index].slot = slot;
  }
  subscriptions_.pop_back();
}

void ClientSession::subscribe(const Topic& topic) {
  if (state_ == State::open && find(topic) == nullptr) add(topic);
}

void ClientSession::subscribe_held(const Topic& topic) {
  if (state_ != State::open) return;
  Subscription* one = find(topic);
  const bool was_flowing = one != nullptr;
  if (one == nullptr) one = &add(topic);
  if (one->held) return;
  one->held = std::make_unique<Held>(Held{was_flowing, {}});
  one->subscribers->members[one->index].held = true;
}

void ClientSession::hold(std::uint32_t slot, std::int64_t seq, const Frame& frame) {
  if (state_ != State::open) return;
  auto& frames = subscriptions_[slot].held->frames;
  if (frames.size() >= gateway_->config.realtime.max_held_events) return too_slow();
  frames.emplace_back(seq, frame);
}

void ClientSession::release(const Topic& topic, std::int64_t seq) {
  Subscription* one = find(topic);
  if (one == nullptr || !one->held) return;
  const auto held = std::move(one->held);
  auto& member = one->subscribers->members[one->index];
  member.held = false;
  member.floor = std::max(member.floor, seq);
  for (const auto& [number, frame] : held->frames) {
    if (number > seq) push(frame);
  }
}

std::optional<ClientSession::Resumable> ClientSession::resumable_topics() const {
  Resumable out;
  for (const Subscription& one : subscriptions_) {
    if (one.held) return std::nullopt;  // what is held back was numbered before what has left
    out.topics.push_back(one.subscribers->topic);
    out.heard_after.push_back(one.heard_after);
  }
  return out;
}

void ClientSession::set_heard_after(const Topic& topic, std::uint64_t number) {
  if (Subscription* one = find(topic)) one->heard_after = number;
}

void ClientSession::undo_holds() {
  for (std::size_t i = subscriptions_.size(); i-- > 0;) {
    if (!subscriptions_[i].held) continue;
    const Topic topic = subscriptions_[i].subscribers->topic;
    if (subscriptions_[i].held->was_flowing) {
      release(topic, -1);
    } else {
      drop_subscription(static_cast<std::uint32_t>(i));
    }
  }
}

void ClientSession::unsubscribe(const Topic& topic) {
  if (const Subscription* one = find(topic)) {
    drop_subscription(static_cast<std::uint32_t>(one - subscriptions_.data()));
  }
}

bool ClientSession::subscribed(const Topic& topic) const {
  return const_cast<ClientSession*>(this)->find(topic) != nullptr;
}

void ClientSession::send(std::string_view event, std::string payload) {
  if (state_ == State::open) push(codec_->encode_event(event, payload, known()));
}

void ClientSession::refuse(std::string_view id, const Error& error) {
  if (state_ == State::open) push(codec_->encode_error(id, error));
}

}  // namespace stoa::realtime
