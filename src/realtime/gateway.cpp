#include "realtime/gateway_state.hpp"

#include <stoa/realtime/gateway.hpp>

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace stoa::realtime {

GatewayState::GatewayState(net::Runtime& runtime_, const Config& config_,
                           net::RateLimiter& limiter_, std::unique_ptr<Broker> broker_)
    : runtime(runtime_),
      config(config_),
      limiter(limiter_),
      node(NodeIdentity::make(config_.server.node)),
      origins(config_),
      broker(std::move(broker_)),
      admission(config_.realtime),
      lost(config_.socketio, config_.realtime.max_sessions_per_user, *broker),
      hub(node.id, locals, lost, *broker, config_) {
  for (std::size_t i = 0; i < runtime.size(); ++i) {
    locals.push_back(std::make_unique<LocalHub>(runtime.shard(i), *broker));
  }
  broker->open(node.id, hub);
}

// One more than there are rows: the last counts `authenticate`.
Endpoint::Endpoint(Gateway& gateway, Registry registry, std::vector<SessionObserver*> observers,
                   bool guests, std::optional<Pace> pace)
    : registry_(std::move(registry)),
      observers_(std::move(observers)),
      guests_(guests),
      pace_(pace.value_or(Pace{gateway.state()->config.realtime.events_per_second,
                               gateway.state()->config.realtime.events_burst})),
      first_counter_(std::exchange(gateway.state()->counted_events,
                                   gateway.state()->counted_events + registry_.rows().size() + 1)) {
  gateway.state()->endpoints.push_back(this);
}

Gateway::Gateway(net::Runtime& runtime, const Config& config, net::RateLimiter& limiter,
                 std::unique_ptr<Broker> broker)
    : state_(std::make_shared<GatewayState>(runtime, config, limiter, std::move(broker))) {}

Gateway::~Gateway() {
  state_->broker->close();
}

Hub& Gateway::hub() noexcept {
  return state_->hub;
}

const NodeIdentity& Gateway::node() const noexcept {
  return state_->node;
}

void Gateway::start(Authenticator& authenticator) {
  state_->authenticator = &authenticator;
  for (const auto& local : state_->locals) {
    local->counters.events = std::make_unique<EventCounters[]>(state_->counted_events);
    asio::post(local->shard().context, [hub = local.get()] {
      hub->shard().tasks.spawn("realtime timers", hub->run_timers());
    });
  }
  state_->phase = Phase::serving;
}

void Gateway::drain() {
  if (state_->phase.exchange(Phase::draining) == Phase::draining) return;
  // A quarter of the grace for the closing, the rest for clients that are slow to answer it; and a few
  // sessions do not keep the process waiting.
  const auto most = state_->config.server.shutdown_grace / 4;
  const auto window = std::min(most, Duration(state_->admission.total()));
  const auto jitter = state_->config.server.shutdown_jitter;
  for (const auto& local : state_->locals) {
    asio::post(local->shard().context, [state = state_, hub = local.get(), window, jitter] {
      hub->send_away(window, jitter);
      for (const auto& drain : state->on_drain) drain(hub->shard().index);
    });
  }
}

bool Gateway::wait_until_empty(Duration at_most) {
  return state_->admission.wait_until_empty(at_most);
}

std::size_t Gateway::sessions() const noexcept {
  return state_->admission.total();
}

RealtimeStats Gateway::stats() const {
  RealtimeStats out;
  out.upgrades_refused = state_->upgrades_refused;
  out.displaced = state_->admission.displaced();
  const bool started = state_->phase != Phase::starting;
  if (started) {
    for (const Endpoint* endpoint : state_->endpoints) {
      for (const Event& row : endpoint->registry().rows())
        out.events.push_back({std::string(row.name)});
      out.events.push_back({std::string(Registry::kAuthenticate)});
    }
  }
  for (const auto& local : state_->locals) {
    const ShardCounters& in = local->counters;
    out.sessions += in.sessions.get();
    out.subscriptions += in.subscriptions.get();
    out.sessions_opened += in.sessions_opened.get();
    out.messages_in += in.messages_in.get();
    out.frames_out += in.frames_out.get();
    out.bytes_out += in.bytes_out.get();
    out.writes += in.writes.get();
    out.slow_readers += in.slow_readers.get();
    out.frames_dropped += in.frames_dropped.get();
    out.rate_limited += in.rate_limited.get();
    out.malformed += in.malformed.get();
    for (std::size_t i = 0; i < out.events.size(); ++i) {
      out.events[i].ok += in.events[i].ok.get();
      out.events[i].refused += in.events[i].refused.get();
      out.events[i].failed += in.events[i].failed.get();
    }
  }
  return out;
}

}  // namespace stoa::realtime
