#pragma once
// What is counted of each request. The metrics of a row are looked up once and then counted
// without a lock; safe on any shard.
#include <stoa/core/metrics.hpp>
#include <stoa/http/message.hpp>
#include <stoa/http/router.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::http {

class RequestMetrics {
 public:
  // Rows of the router are counted by their index; these are the others.
  enum Other : std::size_t { kStatic, kUnmatched, kRefused, kUpgraded, kOthers };

  RequestMetrics(Metrics& metrics, const Router& router);

  void count(std::size_t row, int status, std::chrono::nanoseconds taken);
  void count(Other other, int status, std::chrono::nanoseconds taken);

 private:
  static constexpr std::size_t kStatuses = 600;
  struct Place {
    std::string method, route;
    metrics::Histogram* latency;
    // By status; filled in when one is first answered.
    std::array<std::atomic<metrics::Counter*>, kStatuses> by_status{};
  };
  void add(std::string method, std::string route);
  void count_at(std::size_t place, int status, std::chrono::nanoseconds taken);

  Metrics& metrics_;
  std::size_t rows_;
  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace stoa::http
