#include "features/peerserver/peer_registry.hpp"
#include "features/peerserver/peerserver_types.hpp"

#include <stoa/core/log.hpp>
#include <stoa/peerserver/peerserver.hpp>
#include <stoa/peerserver/peerserver_config.hpp>

#include <algorithm>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>

namespace stoa::peerserver {
namespace {

using Clock = PeerRegistry::Clock;
using realtime::SessionPtr;

// The socket's path below the server's, which is not the key's to change.
constexpr std::string_view kSocket = "/peerjs";

PeerServer::Paths paths_for(std::string_view path) {
  PeerServer::Paths paths;
  if (path.empty()) return paths;
  std::vector<std::string> roots = {""};
  if (path != "/") {
    paths.about = path;
    roots.emplace_back(path);
  }
  for (const auto& root : roots) {
    paths.ids.push_back(root + "/{key}/id");
    paths.peers.push_back(root + "/{key}/peers");
    paths.sockets.push_back(root + std::string(kSocket));
  }
  return paths;
}

// How often it is looked at what is due and when the next is. What comes meanwhile is due later than that.
Duration pace_of(const PeerServerConfig& config) {
  const auto shortest = std::min(config.expire_timeout, config.alive_timeout);
  return std::clamp<Duration>(shortest / 4, Duration(25), Duration(1000));
}

// What waits for somebody leaves room in the queue of the connection that it is sent to.
PeerServerConfig limits_of(PeerServerConfig limits, const config::Realtime& realtime) {
  const auto lower = [](std::size_t wanted, std::size_t queue) {
    return std::min(wanted, std::max<std::size_t>(1, queue / 2));
  };
  limits.max_queue_messages = lower(limits.max_queue_messages, realtime.max_queue_frames);
  limits.max_queue_bytes = {lower(limits.max_queue_bytes, realtime.max_queue_bytes)};
  return limits;
}

void refuse(const SessionPtr& session, std::string_view type, std::string_view why) {
  std::string members = "{\"payload\":{\"msg\":";
  append_json_string(members, why);
  members += "}}";
  session->send(type, std::move(members));
  session->close(realtime::kNoReason);
}

http::Response as_text(int status, std::string_view type, std::string body) {
  http::Response response = http::Response::text(status, std::move(body));
  response.headers.set("content-type", type);
  response.headers.set("cache-control", "no-store");
  return response;
}

}  // namespace

PeerServer::PeerServer(net::Runtime& runtime, realtime::Hub& hub, realtime::Roster& roster,
                       Authenticator& authenticator, const PeerServerConfig& config,
                       const config::Realtime& realtime)
    : runtime_(runtime),
      hub_(hub),
      authenticator_(authenticator),
      config_(config),
      paths_(paths_for(config_.path)),
      registry_(std::make_unique<PeerRegistry>(roster, limits_of(config, realtime))) {}

PeerServer::~PeerServer() = default;

// ---- Coming and going -----------------------------------------------------------------------------------

Task<std::optional<Caller>> PeerServer::identify(std::string key, Client client) {
  if (!config_.accounts || key.empty()) co_return std::nullopt;
  try {
    Caller caller = co_await authenticator_.authenticate(std::move(key), std::move(client));
    co_return caller;
  } catch (const Error& error) {
    if (error.code() != Code::invalid_token && error.code() != Code::suspended) throw;
  }
  co_return std::nullopt;
}

void PeerServer::opened(const SessionPtr& session, realtime::PeerHandshake handshake) {
  if (handshake.id.empty() || handshake.token.empty() || handshake.key.empty()) {
    return refuse(session, kError, "No id, token, or key supplied to websocket server");
  }
  const auto& caller = session->caller();
  if (config_.accounts ? !caller : handshake.key != config_.key) {
    return refuse(session, kError, "Invalid key provided");
  }
  if (handshake.id.size() > config_.max_id_bytes || !is_peer_id(handshake.id)) {
    return refuse(session, kError, "Invalid id provided");
  }
  if (handshake.token.size() > config_.max_id_bytes) {
    return refuse(session, kError, "Invalid token provided");
  }
  auto coming = admit(session, std::move(handshake));
  runtime_.shard(session->id().shard).tasks.spawn("peerserver", std::move(coming));
}

Task<> PeerServer::admit(SessionPtr session, realtime::PeerHandshake handshake) {
  PeerRegistry::Newcomer who{session->id(), handshake.id, std::move(handshake.token), std::nullopt};
  if (session->caller()) who.owner = session->caller()->user;
  PeerRegistry::Claim claim;
  try {
    claim = co_await registry_->claim(std::move(who), Clock::now());
  } catch (const std::exception& e) {
    // Nobody would hear this socket, nor close it.
    log::error("peerserver_admission_failed",
               {{"requestId", session->client().request_id}, {"reason", e.what()}});
    co_return refuse(session, kError, "The id could not be claimed; try again");
  }
  if (claim.verdict == PeerRegistry::Verdict::taken) {
    co_return refuse(session, kIdTaken, "ID is taken");
  }
  if (claim.verdict == PeerRegistry::Verdict::full) {
    co_return refuse(session, kError, "Server has reached its concurrent user limit");
  }
  if (claim.verdict == PeerRegistry::Verdict::gone) co_return;
  if (claim.replaced) hub_.close(*claim.replaced, realtime::kNoReason);
  if (!session->open()) {
    // Its end may have passed already, and with it the moment to give the id back.
    registry_->leave(session->id());
    co_return;
  }
  session->send(kOpen, "{}");
  for (const Message& message : registry_->take_waiting(handshake.id)) {
    session->send(message.type, members_of(message));
  }
  keep_watch();
}

void PeerServer::session_ended(realtime::Session& session) {
  registry_->leave(session.id());
}

// ---- Messages -------------------------------------------------------------------------------------------

void PeerServer::offer(const SessionPtr& session, Signal signal) {
  relay(session, kOffer, std::move(signal));
}

void PeerServer::answer(const SessionPtr& session, Signal signal) {
  relay(session, kAnswer, std::move(signal));
}

void PeerServer::candidate(const SessionPtr& session, Signal signal) {
  relay(session, kCandidate, std::move(signal));
}

void PeerServer::leave(const SessionPtr& session, Signal signal) {
  if (!signal.dst || signal.dst->empty()) {
    registry_->leave(session->id());
  } else {
    relay(session, kLeave, std::move(signal));
  }
}

void PeerServer::expire(const SessionPtr& session, Signal signal) {
  relay(session, kExpire, std::move(signal));
}

void PeerServer::heartbeat(const SessionPtr& session, const Signal&) {
  registry_->heartbeat(session->id(), Clock::now());
}

void PeerServer::relay(const SessionPtr& session, std::string_view type, Signal signal) {
  if (!signal.dst || signal.dst->empty()) return;
  Message message{type, {}, std::move(*signal.dst), {}};
  if (signal.payload) message.payload = std::move(*signal.payload);
  const net::RateKey sender = limit_key(*session);
  const auto delivery = registry_->relay(session->id(), sender, std::move(message), Clock::now());
  if (!delivery) return;
  const Message& out = delivery->message;
  if (delivery->to == session->id()) return session->send(out.type, members_of(out));
  realtime::Relayed relayed{delivery->to, out.type, members_of(out), session->id(), sender, {}, {}};
  if (out.type != kLeave && out.type != kExpire) {
    // As where nobody is there.
    relayed.refusal = kExpire;
    relayed.refusal_payload = members_of(Message{kExpire, out.dst, out.src, {}});
  }
  hub_.relay(std::move(relayed));
}

// ---- What is due ----------------------------------------------------------------------------------------

void PeerServer::keep_watch() {
  if (watching_.exchange(true)) return;
  net::Shard& shard = runtime_.shard(0);
  asio::post(shard.context, [this, &shard] { shard.tasks.spawn("peerserver", watch()); });
}

Task<> PeerServer::watch() {
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer(
      runtime_.shard(0).context.get_executor());
  auto next = Clock::time_point::max();
  for (;;) {
    timer.expires_at(std::min<Clock::time_point>(next, Clock::now() + pace_of(config_)));
    co_await timer.async_wait(use_task);
    const auto due = registry_->due(Clock::now());
    next = due.next;
    for (const Delivery& delivery : due.expired) {
      hub_.send(delivery.to, delivery.message.type, members_of(delivery.message));
    }
    for (const auto session : due.silent) hub_.close(session, realtime::kNoReason);
    if (!due.idle) continue;
    // A peer that comes from here on starts another watch; one that came just now may have found this one.
    watching_.store(false);
    if (!registry_->has_sessions() || watching_.exchange(true)) co_return;
  }
}

// ---- HTTP -----------------------------------------------------------------------------------------------

Task<http::Response> PeerServer::describe(const http::Request*) {
  co_return http::Response::json(
      200,
      R"({"name":"PeerJS Server","description":"Connects PeerJS clients with each other.","website":"https://peerjs.com/"})");
}

Task<http::Response> PeerServer::create_id(const http::Request*) {
  std::string id = make_peer_id();
  while (registry_->has(id)) id = make_peer_id();
  co_return as_text(200, "text/html; charset=utf-8", std::move(id));
}

Task<http::Response> PeerServer::list_peers(const http::Request* request) {
  std::string key = request->params.front().second;
  Client client = request->client;
  const bool allowed = co_await may_list(std::move(key), std::move(client));
  if (!allowed) co_return as_text(401, "text/plain; charset=utf-8", "Unauthorized");
  co_return http::Response::json(200, write(registry_->ids()));
}

Task<bool> PeerServer::may_list(std::string key, Client client) {
  if (!config_.allow_discovery) co_return false;
  if (!config_.accounts) co_return true;
  const auto caller = co_await identify(std::move(key), std::move(client));
  co_return caller.has_value();
}

std::size_t PeerServer::connected() const {
  return registry_->size();
}

std::size_t PeerServer::waiting_messages() const {
  return registry_->waiting_messages();
}

std::size_t PeerServer::waiting_bytes() const {
  return registry_->waiting_bytes();
}

}  // namespace stoa::peerserver
