#pragma once
// Calls to other services over HTTP: bounded in time, size and number, only to hosts that the configuration names, and to no
// address of a network of one's own unless it names that too. The smallest use:
//
//   // where the feature is made; the name is the metrics' label
//   fetch::Client stripe = on.fetch.client({.name = "stripe", .hosts = {config.stripe_url}});
//
//   // in the service, a coroutine on a shard
//   const auto answer = co_await stripe_.send({
//       .method = fetch::Method::post,
//       .url = config_.stripe_url + "/v1/refunds",
//       .headers = {{"Authorization", "Bearer " + key}, {"Idempotency-Key", attempt.job().str()},
//                   {"Content-Type", "application/x-www-form-urlencoded"}},
//       .body = fetch::form_encoded({{"payment_intent", intent}}),
//       .repeatable = true});
//   if (answer.may_pass()) throw Error(Code::upstream_failed);   // in a job: tried again later
//   if (!answer.ok()) ...                                        // a refusal that stays one
//
// Any status is an answer. What is no answer is thrown: fetch::Failed (<stoa/fetch/failure.hpp>), Error{overloaded} where too many
// calls of the purpose wait, Error{shutting_down}. A coroutine that is cancelled lets go of its call, and the connection ends. An
// answer is held whole, within its bound: what is larger than memory is had in ranges and sent in parts, as S3 has them.
//
// One thread does all calls, so that connections are shared by all shards, and no TLS, no reading of certificates and no
// resolving of names holds up a shard. Purposes have queues of their own and take turns.
#include <stoa/core/config.hpp>
#include <stoa/core/metrics.hpp>
#include <stoa/core/task.hpp>
#include <stoa/fetch/request.hpp>

#include <memory>
#include <string>
#include <vector>

namespace stoa::fetch {

class Engine;
struct Lane;

// What calls are made for.
struct Purpose {
  std::string name;  // "stripe", in the metrics and the log
  // Which hosts, as OriginPattern (<stoa/core/origin_pattern.hpp>) reads them; what fetch.hosts does not name is left out.
  std::vector<std::string> hosts;
  // Also to what fetch.private_networks names. Only where the operator has written the address, never where people send it: they
  // would get at what stands behind the firewall.
  bool may_go_inside = false;
};

// Of one purpose. Cheap to copy; any thread.
class Client {
 public:
  Task<Answer> send(Request request) const;

 private:
  friend class Fetcher;
  Client(Engine& engine, Lane& lane) : engine_(&engine), lane_(&lane) {}

  Engine* engine_;
  Lane* lane_;
};

// Owned by the composition root; outlives the features, and ends before the shards do.
class Fetcher {
 public:
  Fetcher(const config::Fetch& config, Metrics& metrics);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // Before start(). A second purpose of a name, or a host that cannot be read, is a std::logic_error.
  Client client(Purpose purpose);
  void start();
  // Ends what is under way and refuses what waits. Idempotent; the executors of those who wait must still live.
  void stop();

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace stoa::fetch
