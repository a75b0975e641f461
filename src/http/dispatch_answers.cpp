// What becomes of every answer on its way out: failures explained, headers, compression, counts and the log.
#include "http/dispatch.hpp"
#include "http/gzip.hpp"
#include "http/media_type.hpp"
#include "http/problem.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/log.hpp>

#include <exception>
#include <memory>

namespace stoa::http {
namespace {

// Half a millisecond for which the shard's other connections wait; what is longer is compressed elsewhere.
constexpr std::size_t kCompressedHere = 32 * config::kKiB;
constexpr std::size_t kQuicklyFrom = 256 * config::kKiB;
constexpr int kThorough = 5, kQuick = 1;  // levels of zlib

// The tag of the plain answer would be another one's; compared weakly it still says whether that has changed.
void set_compressed(Response& response, std::string packed) {
  response.body = std::move(packed);
  response.headers.set("content-encoding", "gzip");
  if (response.etag.starts_with('"')) response.headers.set("etag", "W/" + response.etag);
}

}  // namespace

Response Dispatcher::explain(const Exchange& exchange, const std::exception_ptr& failure) const {
  const Request& request = exchange.request;
  const auto internal = [&](std::string_view reason) {
    report(exchange, "request_failed", reason);
    return problem(Error(Code::internal), request.client.request_id);
  };
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return problem(error, request.client.request_id);
  } catch (const std::exception& error) {
    return internal(error.what());
  } catch (...) {
    return internal("an exception of unknown type");
  }
}

void Dispatcher::report(const Exchange& exchange, std::string_view event,
                        std::string_view reason) const {
  const Request& request = exchange.request;
  log::error(event, {{"requestId", request.client.request_id},
                     {"method", name(request.method)},
                     {"route", request.route},
                     {"reason", reason}});
}

void Dispatcher::refuse(Exchange& exchange, const Refusal& refusal, const Glance& glance) const {
  Request& request = exchange.request;
  if (!request.headers.find("origin") && !glance.origin.empty()) {
    request.headers.add("origin", glance.origin);
  }
  identify(exchange);
  try {
    if (request.target.empty()) request.target = resolve(*exchange.peer, glance.target);
    read_target(exchange);
  } catch (const Error&) {
    // Of no path that is known here, then.
  }
  const Json details = {{"reason", refusal.reason}};
  Response response = problem(Error(refusal.code, std::string(refusal.code.message), details),
                              request.client.request_id);
  if (refusal.code == Code::method_not_allowed) response.headers.set("allow", kEveryMethod);
  finish(exchange, response);
  exchange.response = std::move(response);
}

void Dispatcher::finish(const Exchange& exchange, Response& response) const {
  const Request& request = exchange.request;
  const bool elsewhere = request.path.empty() || exchange.other == RequestMetrics::kStatic;
  const Router::Row* row = exchange.row ? &router_.rows()[*exchange.row]
                           : elsewhere  ? nullptr
                                        : any_row(request.path);
  cors_for(row).decorate(request, response);
  if (exchange.rate) {
    response.headers.set("ratelimit-limit", std::to_string(exchange.rate->limit));
    response.headers.set("ratelimit-remaining", std::to_string(exchange.rate->remaining));
    response.headers.set("ratelimit-reset", std::to_string(exchange.rate->reset.count()));
  }
  response.headers.set("x-request-id", request.client.request_id);
}

// Says in the answer that it depends on what the client accepts, where it does.
bool Dispatcher::wants_compression(const Request& request, Response& response) const {
  if (response.body.size() < config_.http.compress_from_bytes) return false;
  const auto type = response.headers.find("content-type");
  if (!type || !is_compressible(*type) || response.headers.find("content-encoding")) return false;
  response.headers.add("vary", "Accept-Encoding");
  const auto accepted = request.headers.find("accept-encoding");
  return accepted && accepts_gzip(*accepted);
}

// False where it is too long for that.
bool Dispatcher::compress_here(Response& response) {
  if (response.body.size() > kCompressedHere) return false;
  set_compressed(response, gzip(response.body, kThorough));
  return true;
}

// On a thread beside the shards. Where its queue is full the answer goes out as it is.
Task<> Dispatcher::compress_elsewhere(Response& response) const {
  const auto plain = std::make_shared<std::string>(std::move(response.body));
  try {
    auto work = [plain] { return gzip(*plain, plain->size() < kQuicklyFrom ? kThorough : kQuick); };
    auto packed = co_await compressors_.run(std::move(work));
    set_compressed(response, std::move(packed));
  } catch (const Error&) {
    response.body = std::move(*plain);
  }
}

void Dispatcher::record(const Exchange& exchange, int status, std::size_t bytes,
                        AccessLog& log) const {
  const auto taken = std::chrono::steady_clock::now() - exchange.start;
  if (exchange.row) {
    metrics_.count(*exchange.row, status, taken);
  } else {
    metrics_.count(exchange.other, status, taken);
  }
  // What clients of other protocols put into a path may be a secret.
  const Request& request = exchange.request;
  log.add(request, is_of_others(exchange) ? request.route : std::string_view(request.path), status,
          bytes, taken);
}

void Dispatcher::record_refusal(int status) const {
  metrics_.count(RequestMetrics::kRefused, status, std::chrono::nanoseconds(0));
}

std::string_view Dispatcher::policy_for(const Exchange& exchange) const noexcept {
  if (exchange.other == RequestMetrics::kStatic) {
    return files_.is_shared(exchange.request.path) ? policy_.shared() : policy_.pages();
  }
  if (exchange.is_page) return policy_.pages();
  return is_of_others(exchange) ? policy_.shared() : policy_.api();
}

bool Dispatcher::is_of_others(const Exchange& exchange) const noexcept {
  return exchange.row && router_.rows()[*exchange.row].route.kind != RouteKind::api;
}

}  // namespace stoa::http
