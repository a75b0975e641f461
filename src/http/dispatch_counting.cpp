// Dispatcher's counting: for whom a request counts, in which table, before its row or after it, and by its bytes.
#include "http/dispatch.hpp"

#include <exception>

namespace stoa::http {
namespace {

using net::RateKey;
using net::RateLimiter;
using Clock = RateLimiter::Clock;

RateKey rate_key(const Exchange& exchange) noexcept {
  const auto& caller = exchange.request.caller;
  if (caller) return RateKey::of(caller->user);
  return exchange.named ? RateKey::of_links(*exchange.named) : RateKey::of(exchange.address);
}

}  // namespace

void Dispatcher::count(Exchange& exchange, Limit limit) const {
  if (RateLimiter::counted_later(limit)) return;
  const RateKey key = rate_key(exchange);
  const bool counted_after =
      RateLimiter::counts_refusals(limit) || RateLimiter::counts_successes(limit);
  exchange.rate = counted_after ? limiter_.look(limit, key, exchange.start)
                                : limiter_.count(limit, key, exchange.start);
  if (exchange.rate && !exchange.rate->allowed) {
    throw Error(Code::rate_limited).retry_after(exchange.rate->reset);
  }
}

void Dispatcher::draw(const Exchange& exchange, Limit of, std::size_t bytes) const {
  const Limit limit = router_.rows()[*exchange.row].route.limit;
  if (limit == of) limiter_.draw_bytes(limit, rate_key(exchange), bytes, Clock::now());
}

void Dispatcher::count_success(Exchange& exchange) const {
  const Limit limit = router_.rows()[*exchange.row].route.limit;
  if (!exchange.rate || !RateLimiter::counts_successes(limit)) return;
  exchange.rate = limiter_.count(limit, rate_key(exchange), Clock::now());
}

// The server's own failures are no guesses, nor is what the limit itself has refused.
void Dispatcher::count_refusal(Exchange& exchange) const {
  const int status = exchange.response->status;
  if (!exchange.row || status < 400 || status >= 500) return;
  const Route& route = router_.rows()[*exchange.row].route;
  const Limit limit = route.limit;
  if (RateLimiter::counts_refusals(limit) && exchange.rate && exchange.rate->allowed) {
    exchange.rate = limiter_.count(limit, rate_key(exchange), Clock::now());
  }
  // What its handler would have counted.
  if (route.counted_by == CountedBy::dispatcher || exchange.request.begun) return;
  exchange.rate = limiter_.count(limit, rate_key(exchange), Clock::now());
  if (!exchange.rate || exchange.rate->allowed) return;
  const auto over = Error(Code::rate_limited).retry_after(exchange.rate->reset);
  exchange.response = explain(exchange, std::make_exception_ptr(over));
}

}  // namespace stoa::http
