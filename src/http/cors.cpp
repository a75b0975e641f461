#include "http/cors.hpp"

namespace stoa::http {

bool Cors::is_preflight(const Request& request) noexcept {
  return request.method == Method::options && request.headers.find("origin") &&
         request.headers.find("access-control-request-method");
}

Cors::Match Cors::judge(const Request& request) const {
  const auto origin = request.headers.find("origin");
  return origin ? origins_.match(*origin) : Match::none;
}

void Cors::allow(const Request& request, Match match, Response& response) const {
  const bool star = match == Match::any && any_ == Any::without_credentials;
  response.headers.set("access-control-allow-origin", star ? "*" : *request.headers.find("origin"));
  if (match == Match::named || any_ == Any::named_with_credentials) {
    response.headers.set("access-control-allow-credentials", "true");
  }
}

Response Cors::preflight(const Request& request, std::string_view allowed) const {
  Response response = Response::empty(204);
  response.headers.add("vary",
                       "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  const auto match = judge(request);
  if (match == Match::none) return response;
  allow(request, match, response);
  response.headers.set("access-control-allow-methods", allowed);
  const auto asked = request.headers.find("access-control-request-headers");
  response.headers.set("access-control-allow-headers",
                       asked.value_or("Authorization, Content-Type, Idempotency-Key, If-Match, "
                                      "If-None-Match, If-Range, Range, X-Request-Id"));
  response.headers.set("access-control-max-age", "600");
  return response;
}

void Cors::decorate(const Request& request, Response& response) const {
  if (origins_.empty() || is_preflight(request)) return;
  response.headers.add("vary", "Origin");
  const auto match = judge(request);
  if (match == Match::none) return;
  allow(request, match, response);
  response.headers.set("access-control-expose-headers",
                       "Accept-Ranges, Content-Disposition, Content-Range, ETag, "
                       "Idempotent-Replayed, RateLimit-Limit, RateLimit-Remaining, "
                       "RateLimit-Reset, Retry-After, X-Request-Id");
}

}  // namespace stoa::http
