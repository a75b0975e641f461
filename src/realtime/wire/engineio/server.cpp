#include "realtime/wire/engineio/server.hpp"

#include "realtime/handshakes.hpp"
#include "realtime/wire/engineio/poll_request.hpp"
#include "realtime/wire/websocket/handshake.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/query_parameters.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/field.hpp>
#include <openssl/rand.h>

namespace stoa::realtime::engineio {
namespace {

constexpr std::size_t kSidBytes = 18;  // two of them the shard's number
constexpr std::string_view kProtocol = "4";

// Names have none in them.
constexpr char kEndOfName = '_';

std::string make_sid(const ServerState& state, std::uint32_t shard) {
  std::array<unsigned char, kSidBytes> bytes;
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  bytes[0] = static_cast<unsigned char>(shard >> 8);
  bytes[1] = static_cast<unsigned char>(shard);
  return state.gateway->node.name + kEndOfName +
         base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// The shard that a session id names; null for another node's, and for what never was one.
ShardSessions* home_of(const ServerState& state, std::string_view sid) {
  const std::string& name = state.gateway->node.name;
  if (!sid.starts_with(name) || !sid.substr(name.size()).starts_with(kEndOfName)) return nullptr;
  const auto bytes = base64url_decode(sid.substr(name.size() + 1, 64));
  if (!bytes || bytes->size() != kSidBytes) return nullptr;
  const auto shard = static_cast<std::size_t>(static_cast<unsigned char>((*bytes)[0])) << 8 |
                     static_cast<unsigned char>((*bytes)[1]);
  return shard < state.shards.size() ? state.shards[shard].get() : nullptr;
}

std::string opening(const Session& session, const Options& options) {
  return "{\"sid\":\"" + session.sid() + "\",\"upgrades\":" +
         (session.transport() == Transport::polling ? "[\"websocket\"]" : "[]") +
         ",\"pingInterval\":" + std::to_string(options.ping_interval.count()) +
         ",\"pingTimeout\":" + std::to_string(options.ping_timeout.count()) +
         ",\"maxPayload\":" + std::to_string(options.max_payload) + "}";
}

PollAnswer as_answer(const Error& error) {
  std::string body = "{\"code\":";
  append_json_string(body, error.code().wire);
  body += ",\"message\":";
  append_json_string(body, error.message());
  body += '}';
  return {error.code().http_status, "application/json", std::move(body), error.retry_after()};
}

// Throws Error{rate_limited} where the client comes too often.
void count(const ServerState& state, Handshake& handshake) {
  const auto& find_token = state.options.find_token;
  const auto token = find_token ? find_token(handshake) : std::nullopt;
  handshake.shown = count_handshake(*state.gateway, handshake.client.address, token);
}

// A place for one more session. Throws Error where there is none.
Admission::Ticket admit(GatewayState& gateway, const Handshake& handshake) {
  if (gateway.phase != Phase::serving) throw Error(Code::shutting_down);
  return gateway.admission.admit(handshake.client.address, handshake.shown);
}

PollAnswer shake_hands(const std::shared_ptr<ServerState>& state, ShardSessions& here,
                       PollRequest& request) {
  Handshake handshake{std::move(request.client),
                      std::move(request.query),
                      std::move(request.authorization),
                      std::move(request.origin),
                      {}};
  count(*state, handshake);
  try {
    auto ticket = admit(*state->gateway, handshake);
    const auto session =
        std::make_shared<Session>(state, here, make_sid(*state, here.local.shard().index),
                                  std::move(handshake), std::move(ticket), nullptr);
    session->begin();
    session->send(text_packet(PacketType::open, opening(*session, state->options)));
    return {200, "text/plain; charset=UTF-8", write_payload(session->outbound()->take())};
  } catch (const Error& error) {
    return as_answer(error);
  }
}

// What stands against a polling request. `home`: of the session that it names.
std::optional<Problem> find_problem(const ServerState& state, const PollRequest& request,
                                    const ShardSessions* home) {
  const auto transport = query_value(request.query, "transport");
  const bool is_polling = transport == "polling";
  const bool is_same = query_value(request.query, "EIO") == kProtocol;
  if (!is_polling && transport != "websocket") return Problem::unknown_transport;
  const bool admitted =
      request.origin.empty() || state.gateway->origins.admit(request.origin, request.host);
  if (!admitted) return Problem::forbidden;
  if (!query_value(request.query, "sid").empty()) {
    if (home == nullptr) return Problem::unknown_sid;
    return is_polling && is_same ? std::nullopt : std::optional(Problem::bad_request);
  }
  if (request.method != PollRequest::Method::get) return Problem::bad_handshake_method;
  if (!is_polling) return Problem::bad_request;
  return is_same ? std::nullopt : std::optional(Problem::unsupported_version);
}

// ---- WebSockets -----------------------------------------------------------------------------------------

std::string_view field(const net::Upgrade& upgrade, boost::beast::http::field name) {
  const auto value = upgrade.request[name];
  return {value.data(), value.size()};
}

// A refusal over HTTP, and its status.
struct LastAnswer {
  int status = 0;
  std::string text;
};

LastAnswer as_http(Problem problem) {
  const PollAnswer answer = refuse(problem);
  return {answer.status,
          "HTTP/1.1 " + std::to_string(answer.status) +
              " Refused\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Type: " +
              std::string(answer.content_type) + "\r\nContent-Length: " +
              std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body};
}

LastAnswer as_http(const websocket::Refusal& refusal, const Client& client) {
  return {refusal.status, websocket::refusal(refusal, client)};
}

Task<> turn_away(Duration limit, net::Upgrade upgrade, LastAnswer answer) {
  upgrade.answer(answer.status);
  std::shared_ptr<net::Stream> stream = std::move(upgrade.stream);
  co_await websocket::send_last(limit, std::move(stream), std::move(answer.text));
}

std::string early_of(const net::Upgrade& upgrade) {
  return {static_cast<const char*>(upgrade.leftover.data().data()), upgrade.leftover.size()};
}

// Of a session that is not there. Whoever tries out ids comes to other shards by it, and counts as one without a token.
LastAnswer refuse_unknown(GatewayState& gateway, const Client& client) {
  try {
    count_handshake(gateway, client.address, std::nullopt);
    return as_http(Problem::unknown_sid);
  } catch (const Error& error) {
    return as_http({error.code().http_status, error}, client);
  }
}

// On the session's shard.
Task<> join_session(std::shared_ptr<ServerState> state, ShardSessions* home, std::string sid,
                    std::shared_ptr<net::Upgrade> upgrade) {
  const Duration limit = state->gateway->config.http.linger_timeout;
  const auto session = home->find(sid);
  if (!session || !session->count_upgrade()) {
    LastAnswer answer =
        session ? as_http(Problem::bad_request) : refuse_unknown(*state->gateway, upgrade->client);
    co_await turn_away(limit, std::move(*upgrade), std::move(answer));
    co_return;
  }
  upgrade->answer(101);
  std::string accepted = websocket::acceptance(upgrade->request, {});
  const bool is_taken =
      co_await websocket::send_within(limit, *upgrade->stream, std::move(accepted));
  if (!is_taken) co_return;
  std::string early = early_of(*upgrade);
  co_await session->upgrade(std::move(upgrade->stream), std::move(early));
}

void bring_home(const std::shared_ptr<ServerState>& state, ShardSessions& home, std::string sid,
                net::Upgrade upgrade) {
  net::Shard& shard = home.local.shard();
  const auto moved = std::make_shared<net::Upgrade>(std::move(upgrade));
  if (moved->shard == &shard) {
    shard.tasks.spawn("engine.io upgrade", join_session(state, &home, std::move(sid), moved));
    return;
  }
  moved->stream->rehome(shard.context.get_executor());
  moved->shard = &shard;
  asio::post(shard.context, [state, &home, &shard, sid = std::move(sid), moved]() mutable {
    shard.tasks.spawn("engine.io upgrade", join_session(state, &home, std::move(sid), moved));
  });
}

// A session that begins as a WebSocket.
void open_session(const std::shared_ptr<ServerState>& state, net::Upgrade& upgrade,
                  std::vector<std::pair<std::string, std::string>> query) {
  ShardSessions& here = *state->shards[upgrade.shard->index];
  Handshake handshake{upgrade.client,
                      std::move(query),
                      std::string(field(upgrade, boost::beast::http::field::authorization)),
                      std::string(field(upgrade, boost::beast::http::field::origin)),
                      {}};
  std::string early = early_of(upgrade);
  const std::string accepted = websocket::acceptance(upgrade.request, {});
  count(*state, handshake);
  auto ticket = admit(*state->gateway, handshake);
  const auto session =
      std::make_shared<Session>(state, here, make_sid(*state, upgrade.shard->index),
                                std::move(handshake), std::move(ticket), std::move(upgrade.stream));
  upgrade.answer(101);
  session->begin();
  FrameBuilder answer(accepted.size());
  session->outbound()->append_always(answer.add(accepted).take());
  session->send(text_packet(PacketType::open, opening(*session, state->options)));
  upgrade.shard->tasks.spawn(
      "engine.io websocket",
      websocket::run_link(state->gateway, &here.local, session, session->reader_limits(),
                          session->outbound(), std::move(early)));
}

// Throws what stands against the WebSocket.
void check(const ServerState& state, const net::Upgrade& upgrade) {
  websocket::check_handshake(upgrade.request);
  if (!websocket::origin_allowed(upgrade.request, state.gateway->origins)) throw Problem::forbidden;
}

void take_websocket(const std::shared_ptr<ServerState>& state, net::Upgrade& upgrade) {
  check(*state, upgrade);
  const auto target = upgrade.request.target();
  auto query = query_parameters(query_of({target.data(), target.size()}));
  if (query_value(query, "transport") != "websocket") throw Problem::unknown_transport;
  const std::string sid(query_value(query, "sid"));
  if (!sid.empty()) {
    ShardSessions* const home = home_of(*state, sid);
    if (home == nullptr) throw Problem::unknown_sid;
    bring_home(state, *home, sid, std::move(upgrade));
    return;
  }
  if (query_value(query, "EIO") != kProtocol) throw Problem::unsupported_version;
  open_session(state, upgrade, std::move(query));
}

Task<> serve_upgrade(std::shared_ptr<ServerState> state, net::Upgrade upgrade) {
  LastAnswer answer;
  try {
    take_websocket(state, upgrade);
    co_return;
  } catch (Problem problem) {
    answer = as_http(problem);
  } catch (const websocket::Refusal& refusal) {
    answer = as_http(refusal, upgrade.client);
  } catch (const Error& error) {
    answer = as_http({error.code().http_status, error}, upgrade.client);
  }
  ++state->gateway->upgrades_refused;
  const Duration limit = state->gateway->config.http.linger_timeout;
  co_await turn_away(limit, std::move(upgrade), std::move(answer));
}

}  // namespace

Server::Server(Gateway& gateway, const Options& options, MakeHandler make_handler)
    : state_(std::make_shared<ServerState>()) {
  state_->gateway = gateway.state();
  state_->options = options;
  state_->make_handler = std::move(make_handler);
  for (const auto& local : state_->gateway->locals) {
    state_->shards.push_back(std::make_unique<ShardSessions>(*local));
    asio::post(local->shard().context, [sessions = state_->shards.back().get()] {
      sessions->local.shard().tasks.spawn("engine.io timers", sessions->run_timers());
    });
  }
  state_->gateway->on_drain.push_back(
      [state = state_.get()](std::size_t shard) { state->shards[shard]->drain(); });
}

Server::~Server() {
  for (const auto& shard : state_->shards) {
    shard->by_number.clear();
    shard->by_sid.clear();
  }
}

Task<PollAnswer> Server::serve(PollRequest request) {
  const auto executor = co_await asio::this_coro::executor;
  ShardSessions* here = nullptr;
  for (const auto& shard : state_->shards) {
    if (&shard->local.shard().context == &executor.context()) here = shard.get();
  }
  const auto sid = query_value(request.query, "sid");
  ShardSessions* const home = sid.empty() ? nullptr : home_of(*state_, sid);
  if (const auto problem = find_problem(*state_, request, home)) co_return refuse(*problem);
  if (sid.empty()) co_return shake_hands(state_, *here, request);
  auto answer = co_await answer_from_home(here, home, std::move(request));
  co_return answer;
}

net::UpgradeHandler Server::upgrade_handler() {
  return
      [state = state_](net::Upgrade upgrade) { return serve_upgrade(state, std::move(upgrade)); };
}

}  // namespace stoa::realtime::engineio
