#include "http/dispatch.hpp"

#include "http/chars.hpp"
#include "http/digest.hpp"
#include "http/gzip.hpp"
#include "http/media_type.hpp"
#include "http/problem.hpp"
#include "http/selection.hpp"
#include "http/target.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>
#include <stoa/core/who_may.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <memory>

namespace stoa::http {
namespace {

constexpr std::size_t kMaxIdempotencyKey = 255;
// Many clients send it with every request, whatever the method: it counts as no body.
constexpr std::string_view kEmptyObject = "{}";
// Of a body in chunks where none is taken: so much is read to see whether it is that.
constexpr std::uint64_t kGlanced = 256;
// When a client that has too much under way may usefully try again.
constexpr std::chrono::seconds kRetryAfter{5};

// The token of `Authorization: Bearer <token>` (RFC 6750). Empty without the field, and with another scheme, which is a
// proxy's or somebody else's affair.
std::optional<std::string> bearer_token(const Request& request) {
  const auto field = request.headers.find("authorization");
  if (!field) return std::nullopt;
  constexpr std::string_view kScheme = "bearer";
  const auto scheme = field->substr(0, field->find(' '));
  if (!equals_ignoring_case(scheme, kScheme)) return std::nullopt;
  const auto token = trim_ows(field->substr(scheme.size()));
  if (token.empty()) throw Error(Code::invalid_token);
  return std::string(token);
}

// What makes two forms the same one, up to their files' bytes: not the boundary, which each has for itself.
std::string text_of(const FormReader& form) {
  std::string text;
  const auto add = [&](std::string_view piece) {
    text.append(std::to_string(piece.size())).append(" ").append(piece).append("\n");
  };
  for (const auto& [name, value] : form.fields()) {
    add(name);
    add(value);
  }
  if (form.has_file()) add(form.file().file_name.value_or(""));
  return text;
}

// Null without an Idempotency-Key. What makes two requests the same one: method, path and body.
std::shared_ptr<RequestKey> key_of(const Request& request) {
  const auto field = request.headers.find("idempotency-key");
  if (!field) return nullptr;
  const bool printable =
      std::all_of(field->begin(), field->end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (field->empty() || field->size() > kMaxIdempotencyKey || !printable) {
    throw Error(Code::invalid_request, "Idempotency-Key is 1 to 255 printable characters");
  }
  auto key = std::make_shared<RequestKey>();
  key->text = *field;
  std::string whole(name(request.method));
  whole.append(" ").append(request.path).append("\n").append(request.body);
  if (request.form != nullptr) whole += text_of(*request.form);
  key->fingerprint = fingerprint(whole);
  return key;
}

}  // namespace

Dispatcher::Dispatcher(const Config& config, net::RateLimiter& limiter, Router router,
                       Authenticator& authenticator, Metrics& metrics, Upgrades upgrades,
                       const std::vector<std::span<const Asset>>& assets, WorkerPool& compressors)
    : config_(config),
      router_(std::move(router)),
      authenticator_(authenticator),
      trusted_(config.server.trusted_proxies),
      // In all they are bounded as the connections are on which they come.
      under_way_(std::numeric_limits<std::size_t>::max(), config.http.max_connections_per_address),
      limiter_(limiter),
      // In RouteKind's order.
      cors_{Cors(config.http.cors_origins, Cors::Any::without_credentials),
            Cors(config.realtime.origins, Cors::Any::named_with_credentials),
            Cors(std::vector<std::string>{"*"}, Cors::Any::named)},
      policy_(config.http.hsts),
      form_limits_(config.http),
      files_(assets),
      upgrades_(std::move(upgrades)),
      compressors_(compressors),
      metrics_(metrics, router_) {
  for (const Router::Row& row : router_.rows()) {
    const Route& route = row.route;
    const std::uint64_t most = config.http.max_body_bytes;
    const std::uint64_t most_of_strangers = config.http.max_stranger_body_bytes;
    const auto usual = route.who == Who::anyone ? std::min(most, most_of_strangers) : most;
    most_body_.push_back(route.max_body > 0 ? route.max_body : usual);
  }
  metrics.observe("stoa_rate_limit_tracked", "Clients whose requests are being counted",
                  [this] { return static_cast<double>(limiter_.tracked()); });
  for (const auto& listener : config.listener) aliases_.emplace_back(listener.aliases);
  check_aliases();
}

// A path, or all that is below one ("/peerjs/*").
bool Dispatcher::serves(std::string_view path) const {
  const auto below = [folder = path.substr(0, path.rfind('/') + 1)](std::string_view known) {
    return known.starts_with(folder) || known == folder.substr(0, folder.size() - 1);
  };
  if (!path.ends_with("/*")) {
    return files_.has(path) || !router_.find(Method::get, path).allowed.empty() ||
           any_row(path) != nullptr ||
           std::any_of(upgrades_.begin(), upgrades_.end(),
                       [&](const auto& upgrade) { return upgrade.first == path; });
  }
  const auto rows = router_.rows();
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Router::Row& row) { return below(row.route.path); }) ||
         std::any_of(upgrades_.begin(), upgrades_.end(),
                     [&](const auto& upgrade) { return below(upgrade.first); });
}

void Dispatcher::check_aliases() const {
  for (const auto& listener : config_.listener) {
    for (const auto& [from, to] : listener.aliases) {
      if (serves(to)) continue;
      std::string problem = "listener.aliases: \"";
      problem.append(from).append("\" leads to \"").append(to);
      throw ConfigError(problem.append("\", where nothing is served"));
    }
  }
}

Task<> Dispatcher::begin(Exchange& exchange, const Head& head) const {
  identify(exchange);
  std::exception_ptr failure;
  try {
    co_await route(exchange, head);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    fail(exchange, failure);
  } else if (exchange.response) {
    select(exchange.request, *exchange.response);
    finish(exchange, *exchange.response);
  }
}

Task<> Dispatcher::route(Exchange& exchange, const Head& head) const {
  Request& request = exchange.request;
  const bool has_room = find_room(exchange);
  read_target(exchange);
  if (!has_room) {
    exchange.other = RequestMetrics::kRefused;
    throw Error(Code::rate_limited, "Too many requests from this address are under way")
        .retry_after(kRetryAfter);
  }
  auto match = router_.find(request.method, request.path);
  if (match.row == nullptr) {
    exchange.response = answer_without_row(exchange, match.allowed);
    co_return;
  }
  const Router::Row& row = *match.row;
  exchange.row = match.index;
  request.route = row.route.path;
  request.params.reserve(row.params.size());
  for (std::size_t i = 0; i < row.params.size(); ++i) {
    request.params.emplace_back(row.params[i], match.values[i]);
  }
  std::exception_ptr refused;
  try {
    const bool asks = asks_for_sign_in(row.route.who) || row.route.endpoint->reads_caller();
    auto token = asks && row.route.kind == RouteKind::api ? bearer_token(request) : std::nullopt;
    if (token) {
      Client client = request.client;
      auto caller = co_await authenticator_.authenticate(std::move(*token), std::move(client));
      request.caller = std::move(caller);
    }
  } catch (...) {
    refused = std::current_exception();
  }
  if (row.route.names && !request.caller) exchange.named = row.route.names(request);
  // Also what came with a bad token: by its address. Where there is too much of that it is told all the same that its token is bad,
  // or it would never renew it.
  try {
    if (row.route.counted_by == CountedBy::dispatcher) count(exchange, row.route.limit);
  } catch (const Error&) {
    if (!refused) throw;
  }
  if (refused) std::rethrow_exception(refused);
  if (asks_for_sign_in(row.route.who) && !request.caller) throw Error(Code::unauthorized);
  if (asks_for_role(row.route.who)) {
    Caller caller = *request.caller;
    co_await require_admin(authenticator_, std::move(caller));
  }
  check_body(exchange, row, head);
}

// Whether the row takes what the head announces.
void Dispatcher::check_body(Exchange& exchange, const Router::Row& row, const Head& head) const {
  exchange.body = row.body;
  exchange.most_body = most_body_[*exchange.row];
  if (row.body == Body::form) {
    exchange.form = std::make_unique<FormReader>(exchange.request.headers.find("content-type"),
                                                 row.route.endpoint->file_part(), form_limits_);
  }
  if (!announces_body(head)) return;
  if (row.body == Body::none) {
    exchange.most_body = kGlanced;
    const bool may_be_none = head.chunked || head.content_length == kEmptyObject.size();
    if (!may_be_none) throw Error(Code::unexpected_body);
    return;
  }
  if (row.body == Body::json) {
    const auto type = exchange.request.headers.find("content-type");
    if (!type || !is_json(*type)) throw Error(Code::unsupported_media_type);
  }
  if (head.content_length.value_or(0) > exchange.most_body) {
    throw too_large(exchange.most_body);
  }
}

Task<> Dispatcher::require_standing(Caller caller) const {
  co_await authenticator_.role_of(std::move(caller));
}

Task<> Dispatcher::answer(Exchange& exchange) const {
  draw(exchange, Limit::write, exchange.request.body.size());
  std::exception_ptr failure;
  try {
    co_await invoke(exchange, router_.rows()[*exchange.row]);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    fail(exchange, failure);
    co_return;
  }
  Response& response = *exchange.response;
  count_success(exchange);
  draw(exchange, Limit::read, response.body.size());
  const bool compresses = wants_compression(exchange.request, response);
  select(exchange.request, response);
  if (compresses && response.status != 304 && response.status != 412) {
    if (response.body.size() > net::Slice::kLargeBytes / 2) co_await wait_for_turn(exchange);
    if (!compress_here(response)) co_await compress_elsewhere(response);
  }
  finish(exchange, response);
}

void Dispatcher::fail(Exchange& exchange, const std::exception_ptr& failure) const {
  exchange.response = explain(exchange, failure);
  count_refusal(exchange);
  finish(exchange, *exchange.response);
}

void Dispatcher::identify(Exchange& exchange) const {
  Request& request = exchange.request;
  exchange.address = identify_client(request, *exchange.peer, trusted_);
  if (!exchange.peer->trusted) return;
  const auto given = request.headers.find("x-request-id");
  if (given && is_request_id(*given)) request.client.request_id = *given;
}

// Whether the client may have this request under way beside its others. Who comes without a proxy was counted when he
// connected; the connections of a trusted proxy are nobody's, so what is asked on them counts. As with rates, all whom
// the proxy cannot name are one client.
bool Dispatcher::find_room(Exchange& exchange) const {
  if (!exchange.peer->trusted) return true;
  if (!exchange.seat) exchange.seat = under_way_.take(exchange.address, false);
  return !exchange.is_crowded_out();
}

void Dispatcher::read_target(Exchange& exchange) const {
  Target target = parse_target(exchange.request.target);
  exchange.request.path = std::move(target.path);
  exchange.request.query = std::move(target.query);
}

Response Dispatcher::answer_without_row(Exchange& exchange, const std::string& allowed) const {
  Request& request = exchange.request;
  const bool reads = request.method == Method::get || request.method == Method::head;
  const bool is_file = allowed.empty() && files_.has(request.path);
  if (is_file && reads) {
    exchange.other = RequestMetrics::kStatic;
    return files_.serve(request);
  }
  count(exchange, Limit::read);
  const std::string methods = is_file               ? "GET, HEAD, OPTIONS"
                              : request.path == "*" ? std::string(kEveryMethod)
                                                    : allowed;
  if (methods.empty()) {
    if (auto page = reads ? page_for_nothing(request) : std::nullopt) {
      exchange.is_page = true;
      return std::move(*page);
    }
    throw Error(Code::not_found);
  }
  if (Cors::is_preflight(request)) {
    return cors_for(any_row(request.path)).preflight(request, methods);
  }
  Response response = request.method == Method::options
                          ? Response::empty(204)
                          : problem(Error(Code::method_not_allowed), request.client.request_id);
  response.headers.set("allow", methods);
  return response;
}

// For a person who looks at it in a browser. What asks the API, or asks for no page, hears it as from the API.
std::optional<Response> Dispatcher::page_for_nothing(const Request& request) const {
  const auto accept = request.headers.find("accept");
  if (!accept || !asks_for_page(*accept)) return std::nullopt;
  if (request.path == "/api" || request.path.starts_with("/api/")) return std::nullopt;
  return files_.serve_nothing(request);
}

// Some row of the path, whatever its method.
const Router::Row* Dispatcher::any_row(std::string_view path) const {
  for (const Method method : {Method::get, Method::post, Method::put, Method::patch, Method::del}) {
    if (const auto match = router_.find(method, path); match.row != nullptr) return match.row;
  }
  return nullptr;
}

Task<> Dispatcher::invoke(Exchange& exchange, const Router::Row& row) const {
  Request& request = exchange.request;
  if (row.body == Body::none && !request.body.empty() && request.body != kEmptyObject) {
    throw Error(Code::unexpected_body);
  }
  if (exchange.form) {
    co_await exchange.form->read_fields(*request.stream);
    request.form = exchange.form.get();
    draw(exchange, Limit::write, exchange.form->fields_bytes());
  }
  if (row.route.endpoint->takes_key()) request.key = key_of(request);
  if (request.body.size() > net::Slice::kLargeBytes) co_await wait_for_turn(exchange);
  auto response = co_await row.route.endpoint->invoke(request);
  if (request.key && request.key->replayed) response.headers.set("idempotent-replayed", "true");
  exchange.response = std::move(response);
}

// Before what takes long by itself.
Task<> Dispatcher::wait_for_turn(const Exchange& exchange) {
  co_await exchange.turns->next({net::client_key(exchange.address), 0});
}

const net::UpgradeHandler* Dispatcher::find_upgrade(Exchange& exchange) const {
  const std::string_view target = exchange.request.target;
  const auto path = target.substr(0, target.find('?'));
  for (const auto& [known, handler] : upgrades_) {
    if (known != path) continue;
    identify(exchange);
    if (!find_room(exchange)) return nullptr;
    exchange.other = RequestMetrics::kUpgraded;
    exchange.request.path = path;
    exchange.request.route = known;
    return &handler;
  }
  return nullptr;
}

}  // namespace stoa::http
