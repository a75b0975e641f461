#include "http/cors.hpp"

#include <algorithm>
#include <utility>

namespace stoa::http {

Cors::Cors(std::vector<std::string> origins, Any any) : origins_(std::move(origins)), any_(any) {
  has_any_ = std::find(origins_.begin(), origins_.end(), "*") != origins_.end();
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
  return has_any_ ? Verdict::any : Verdict::refused;
}

void Cors::allow(const Request& request, Verdict verdict, Response& response) const {
  const bool star = verdict == Verdict::any && any_ == Any::without_credentials;
  response.headers.set("access-control-allow-origin", star ? "*" : *request.headers.find("origin"));
  if (verdict == Verdict::exact || any_ == Any::named_with_credentials) {
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
  const auto asked = request.headers.find("access-control-request-headers");
  response.headers.set("access-control-allow-headers",
                       any_ != Any::without_credentials && asked
                           ? *asked
                           : "Authorization, Content-Type, Idempotency-Key, If-Match, "
                             "If-None-Match, If-Range, Range, X-Request-Id");
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
                       "Accept-Ranges, Content-Disposition, Content-Range, ETag, "
                       "Idempotent-Replayed, RateLimit-Limit, RateLimit-Remaining, "
                       "RateLimit-Reset, Retry-After, X-Request-Id");
}

}  // namespace stoa::http
