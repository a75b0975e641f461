#pragma once
// The chain from a request to its answer, in one place and in two steps. begin() has the head alone: client, target,
// route, token, limit, permission, type and announced length of the body. answer() comes when the body is there, or can
// be read: handler, compression. Errors, and what every answer carries, are the same in both. One a server,
// shared by all shards; immutable but for the counters of its parts, each of which is safe on any thread.
#include "http/access_log.hpp"
#include "http/aliases.hpp"
#include "http/client.hpp"
#include "http/cors.hpp"
#include "http/form_reader.hpp"
#include "http/framing.hpp"
#include "http/observe.hpp"
#include "http/policy.hpp"
#include "http/static_files.hpp"

#include <stoa/core/authenticator.hpp>
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/worker_pool.hpp>
#include <stoa/http/router.hpp>
#include <stoa/net/listener.hpp>
#include <stoa/net/rate_limiter.hpp>
#include <stoa/net/upgrade.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
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
  net::LoopTurns* turns = nullptr;  // of its shard
  std::chrono::steady_clock::time_point start;
  boost::asio::ip::address address;  // that limits count by
  // Of a client behind a trusted proxy, from the head to the end of answer and body; empty where it found no room.
  std::optional<net::ConnectionCount::Seat> seat;
  std::optional<UserId> named;  // whose link it shows, for which it counts
  std::optional<net::RateState> rate;
  std::optional<std::size_t> row;
  RequestMetrics::Other other = RequestMetrics::kUnmatched;
  bool is_page = false;  // the answer is one for people, though there is nothing at the path
  // What begin() leaves to be read, and how much of it at most.
  Body body = Body::none;
  std::uint64_t most_body = 0;
  std::unique_ptr<FormReader> form;  // of rows that take one
  std::optional<Response> response;  // set once there is one

  // It was refused because its client has as many requests under way as it may.
  bool is_crowded_out() const noexcept { return seat && !*seat; }
};

using Upgrades = std::vector<std::pair<std::string, net::UpgradeHandler>>;

// For `Allow`.
inline constexpr std::string_view kEveryMethod = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

class Dispatcher {
 public:
  Dispatcher(const Config& config, net::RateLimiter& limiter, Router router,
             Authenticator& authenticator, Metrics& metrics, Upgrades upgrades,
             const std::vector<std::span<const Asset>>& assets, WorkerPool& compressors);

  // The exchange outlives the tasks. They throw nothing that a request can cause.
  //
  // Sets the response where the head decides it: then nobody looks at the body.
  Task<> begin(Exchange& exchange, const Head& head) const;
  // Of whoever has sent a body for a while: signing out, a suspension and a deletion bind what was begun before them. Throws
  // as Authenticator::role_of().
  Task<> require_standing(Caller caller) const;
  // Sets the response.
  Task<> answer(Exchange& exchange) const;
  // The response to a body that could not be read.
  void fail(Exchange& exchange, const std::exception_ptr& failure) const;
  // The target that is meant on the peer's listener.
  std::string resolve(const Peer& peer, std::string_view target) const {
    return aliases_[peer.listener].resolve(target);
  }
  // The handler that takes the connection over, and counts who comes how often; null where there is none. Sets the client.
  const net::UpgradeHandler* find_upgrade(Exchange& exchange) const;
  // The response to what never was a request. `glance`: at its head, which was not read to its end.
  void refuse(Exchange& exchange, const Refusal& refusal, const Glance& glance) const;
  // Counts and logs, once the answer is written.
  void record(const Exchange& exchange, int status, std::size_t bytes, AccessLog& log) const;

  void record_refusal(int status) const;

  // Logs a failure of the server's own.
  void report(const Exchange& exchange, std::string_view event, std::string_view reason) const;

  bool is_trusted(const boost::asio::ip::address& peer) const noexcept {
    return trusted_.contains(peer);
  }
  const Policy& policy() const noexcept { return policy_; }
  std::string_view policy_for(const Exchange& exchange) const noexcept;

 private:
  void check_aliases() const;
  bool serves(std::string_view path) const;
  void identify(Exchange& exchange) const;
  bool find_room(Exchange& exchange) const;
  void read_target(Exchange& exchange) const;
  Task<> route(Exchange& exchange, const Head& head) const;
  void check_body(Exchange& exchange, const Router::Row& row, const Head& head) const;
  Response answer_without_row(Exchange& exchange, const std::string& allowed) const;
  std::optional<Response> page_for_nothing(const Request& request) const;
  const Router::Row* any_row(std::string_view path) const;
  bool is_of_others(const Exchange& exchange) const noexcept;
  const Cors& cors_for(const Router::Row* row) const noexcept {
    return cors_[static_cast<std::size_t>(row != nullptr ? row->route.kind : RouteKind::api)];
  }
  void count(Exchange& exchange, Limit limit) const;
  // From what is counted in bytes, where the row is of that class: of answers, and of what is to be stored in the database, which is a body or
  // a form's fields, but no file.
  void draw(const Exchange& exchange, Limit of, std::size_t bytes) const;
  void count_success(Exchange& exchange) const;
  void count_refusal(Exchange& exchange) const;
  Task<> invoke(Exchange& exchange, const Router::Row& row) const;
  Response explain(const Exchange& exchange, const std::exception_ptr& failure) const;
  void finish(const Exchange& exchange, Response& response) const;
  bool wants_compression(const Request& request, Response& response) const;
  static Task<> wait_for_turn(const Exchange& exchange);
  static bool compress_here(Response& response);
  Task<> compress_elsewhere(Response& response) const;

  const Config& config_;
  Router router_;
  Authenticator& authenticator_;
  net::Networks trusted_;
  mutable net::ConnectionCount under_way_;  // requests of clients behind trusted proxies
  net::RateLimiter& limiter_;
  std::array<Cors, kRouteKinds> cors_;
  Policy policy_;
  FormLimits form_limits_;
  StaticFiles files_;
  Upgrades upgrades_;
  std::vector<PathAliases> aliases_;  // by listener
  WorkerPool& compressors_;
  std::vector<std::uint64_t> most_body_;  // by row
  mutable RequestMetrics metrics_;
};

}  // namespace stoa::http
