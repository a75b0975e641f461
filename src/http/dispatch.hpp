#pragma once
// The chain from a request to its answer, in one place: client, target, route, token, limit, permission,
// idempotency, handler, errors, and what every answer carries. One a server, shared by all shards;
// immutable but for the counters of its parts, each of which is safe on any thread.
#include "http/access_log.hpp"
#include "http/aliases.hpp"
#include "http/client.hpp"
#include "http/cors.hpp"
#include "http/observe.hpp"
#include "http/policy.hpp"
#include "http/rate_limit.hpp"
#include "http/static_files.hpp"

#include <stoa/core/authenticator.hpp>
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/http/idempotency.hpp>
#include <stoa/http/router.hpp>
#include <stoa/net/upgrade.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace stoa::http {

// One request on its way; lives in its connection.
struct Exchange {
  Request request;
  const Peer* peer = nullptr;
  std::chrono::steady_clock::time_point start;
  boost::asio::ip::address address;  // that limits count by
  std::optional<RateState> rate;
  std::optional<std::size_t> row;
  RequestMetrics::Other other = RequestMetrics::kUnmatched;
};

using Upgrades = std::vector<std::pair<std::string, net::UpgradeHandler>>;

class Dispatcher {
 public:
  Dispatcher(const Config& config, Router router, Authenticator& authenticator, Metrics& metrics,
             Upgrades upgrades, const std::vector<std::span<const Asset>>& assets,
             IdempotencyStore* idempotency);

  // The exchange outlives the task. Throws nothing that a request can cause.
  Task<Response> answer(Exchange& exchange) const;
  // The target that is meant on the peer's listener.
  std::string resolve(const Peer& peer, std::string_view target) const {
    return aliases_[peer.listener].resolve(target);
  }
  // Who takes the connection over, or null: then answer() has the reply. Sets the client.
  const net::UpgradeHandler* find_upgrade(Exchange& exchange) const;
  // An answer to what never was a request.
  Response refuse(Code code, std::string_view reason, const std::string& request_id) const;
  // Counts and logs, once the answer is written.
  void record(const Exchange& exchange, int status, std::size_t bytes, AccessLog& log) const;

  void record_refusal(int status) const;

  bool is_trusted(const boost::asio::ip::address& peer) const noexcept {
    return trusted_.contains(peer);
  }
  const Policy& policy() const noexcept { return policy_; }
  std::string_view policy_for(const Exchange& exchange) const noexcept;

 private:
  void check_aliases() const;
  bool serves(std::string_view path) const;
  void identify(Exchange& exchange) const;
  void read_target(Exchange& exchange) const;
  Task<Response> route(Exchange& exchange) const;
  Response answer_without_row(Exchange& exchange, const std::string& allowed) const;
  const Router::Row* any_row(std::string_view path) const;
  bool is_of_others(const Exchange& exchange) const noexcept;
  Task<> authenticate(Exchange& exchange) const;
  const Cors& cors_for(const Router::Row* row) const noexcept {
    return cors_[static_cast<std::size_t>(row != nullptr ? row->route.surface : Surface::api)];
  }
  void count(Exchange& exchange, Limit limit) const;
  static void check_permission(const Request& request, Who who);
  Task<Response> invoke(Exchange& exchange, const Router::Row& row) const;
  Task<Response> invoke_once(Exchange& exchange, const Router::Row& row, std::string key) const;
  Response explain(const Exchange& exchange, const std::exception_ptr& failure) const;
  void finish(const Exchange& exchange, Response& response) const;
  void compress(const Request& request, Response& response) const;

  const Config& config_;
  Router router_;
  Authenticator& authenticator_;
  net::Networks trusted_;
  mutable RateLimiter limiter_;
  std::array<Cors, kSurfaces> cors_;
  Policy policy_;
  StaticFiles files_;
  Upgrades upgrades_;
  std::vector<PathAliases> aliases_;  // by listener
  IdempotencyStore* idempotency_;
  mutable RequestMetrics metrics_;
};

}  // namespace stoa::http
