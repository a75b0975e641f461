#include "http/observe.hpp"

#include <utility>

namespace stoa::http {
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

}  // namespace stoa::http
