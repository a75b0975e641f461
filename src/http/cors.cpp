#include "http/cors.hpp"

#include <algorithm>
#include <utility>

namespace stoa::http {

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {
  any_ = std::find(origins_.begin(), origins_.end(), "*") != origins_.end();
}

bool Cors::is_preflight(const Request& request) noexcept {
  return request.method == Method::options && request.headers.find("origin") &&
         request.headers.find("access-control-request-method");
}

Cors::Verdict Cors::judge(const Request& request) const noexcept {
  const auto origin = request.headers.find("origin");
  if (!origin) return Verdict::refused;
  // Compared whole: a suffix or "null" is another origin.
  if (std::find(origins_.begin(), origins_.end(), *origin) != origins_.end()) {
    return Verdict::exact;
  }
  return any_ ? Verdict::any : Verdict::refused;
}

void Cors::allow(const Request& request, Verdict verdict, Response& response) const {
  if (verdict == Verdict::any) {
    response.headers.set("access-control-allow-origin", "*");
  } else {
    response.headers.set("access-control-allow-origin", *request.headers.find("origin"));
    response.headers.set("access-control-allow-credentials", "true");
  }
}

Response Cors::preflight(const Request& request, std::string_view allowed) const {
  Response response = Response::empty(204);
  response.headers.add("vary",
                       "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  const auto verdict = judge(request);
  if (verdict == Verdict::refused) return response;
  allow(request, verdict, response);
  response.headers.set("access-control-allow-methods", allowed);
  response.headers.set("access-control-allow-headers",
                       "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id");
  response.headers.set("access-control-max-age", "600");
  return response;
}

void Cors::decorate(const Request& request, Response& response) const {
  if (origins_.empty() || is_preflight(request)) return;
  response.headers.add("vary", "Origin");
  const auto verdict = judge(request);
  if (verdict == Verdict::refused) return;
  allow(request, verdict, response);
  response.headers.set("access-control-expose-headers",
                       "ETag, Idempotent-Replayed, RateLimit-Limit, RateLimit-Remaining, "
                       "RateLimit-Reset, Retry-After, X-Request-Id");
}

}  // namespace stoa::http
