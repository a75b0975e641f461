#include "http/observe.hpp"

#include <stoa/core/log.hpp>

#include <utility>

namespace stoa::http {
namespace {

constexpr std::size_t kLoggedPath = 256;  // bytes of a path that the log keeps

// A tenth of a microsecond is enough for a log.
double milliseconds(std::chrono::nanoseconds taken) {
  return static_cast<double>(taken.count() / 100) / 10000.0;
}

}  // namespace

RequestMetrics::RequestMetrics(Metrics& metrics, const Router& router)
    : metrics_(metrics), rows_(router.rows().size()) {
  for (const auto& row : router.rows()) {
    add(std::string(name(row.route.method)), std::string(row.route.path));
  }
  for (const char* other : {"static", "unmatched", "refused", "upgraded"}) add("*", other);
}

void RequestMetrics::add(std::string method, std::string route) {
  auto place = std::make_unique<Place>();
  place->latency = &metrics_.histogram("stoa_http_request_seconds", "Time from request to answer",
                                       {{"method", method}, {"route", route}});
  place->method = std::move(method);
  place->route = std::move(route);
  places_.push_back(std::move(place));
}

void RequestMetrics::count(std::size_t row, int status, std::chrono::nanoseconds taken) {
  count_at(row, status, taken);
}

void RequestMetrics::count(Other other, int status, std::chrono::nanoseconds taken) {
  count_at(rows_ + other, status, taken);
}

void RequestMetrics::count_at(std::size_t index, int status, std::chrono::nanoseconds taken) {
  Place& place = *places_[index];
  auto& slot = place.by_status[static_cast<std::size_t>(status) % kStatuses];
  metrics::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &metrics_.counter(
        "stoa_http_requests_total", "Requests answered",
        {{"method", place.method}, {"route", place.route}, {"status", std::to_string(status)}});
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
  place.latency->observe(std::chrono::duration<double>(taken).count());
}

void log_request(const Request& request, int status, std::size_t bytes,
                 std::chrono::nanoseconds taken) {
  log::info("request", {{"method", name(request.method)},
                        {"route", request.route},
                        {"path", std::string_view(request.path).substr(0, kLoggedPath)},
                        {"status", status},
                        {"bytes", bytes},
                        {"ms", milliseconds(taken)},
                        {"address", request.client.address},
                        {"user", request.caller ? Json(request.caller->user.str()) : Json()},
                        {"requestId", request.client.request_id}});
}

void log_refusal(std::string_view address, int status, std::string_view reason) {
  log::info("request_refused", {{"address", address}, {"status", status}, {"reason", reason}});
}

}  // namespace stoa::http
