#pragma once
// What the gateway, its shards' hubs and the codecs share. Made by the Gateway; every connection keeps it
// alive, so that a connection's end never meets a hub that is gone.
#include "realtime/admission.hpp"
#include "realtime/local_hub.hpp"
#include "realtime/node_hub.hpp"
#include "realtime/origins.hpp"
#include "realtime/recovery.hpp"

#include <stoa/core/authenticator.hpp>
#include <stoa/core/config.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/realtime/broker.hpp>
#include <stoa/realtime/endpoint.hpp>
#include <stoa/realtime/node.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace stoa::realtime {

enum class Phase { starting, serving, draining };

struct GatewayState {
  GatewayState(net::Runtime& runtime, const Config& config, net::RateLimiter& limiter,
               std::unique_ptr<Broker> broker);

  net::Runtime& runtime;
  const Config& config;
  net::RateLimiter& limiter;
  const NodeIdentity node;
  const Origins origins;
  const std::unique_ptr<Broker> broker;  // outlives those below, which speak to it until their end
  Admission admission;
  std::vector<std::unique_ptr<LocalHub>> locals;  // by the shard's index
  LostSessions lost;
  NodeHub hub;
  std::atomic<Phase> phase{Phase::starting};
  // Written before the phase says serving.
  std::vector<const Endpoint*> endpoints;
  Authenticator* authenticator = nullptr;
  std::size_t counted_events = 0;  // of all endpoints
  // Run on each shard, with its number, when the gateway drains.
  std::vector<std::function<void(std::size_t)>> on_drain;
  std::atomic<std::uint64_t> next_session{1};
  std::atomic<std::uint64_t> upgrades_refused{0};
};

}  // namespace stoa::realtime
