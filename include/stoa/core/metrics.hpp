#pragma once
// What /metrics shows, in Prometheus' text format. Made by the composition root and passed by
// reference; every metric lives as long as it does. Looking a metric up takes a lock and is done
// once, at the start; counting with it is atomic and takes none, so any thread may.
//
//   metrics::Counter& sent = metrics.counter("stoa_messages_sent_total", "Messages committed");
//   sent.Increment();
//   metrics.observe("stoa_db_queue", "Jobs that wait for a connection", [&db] { return db.queued();
//   });
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/labels.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

namespace stoa {

namespace metrics {

using Labels = prometheus::Labels;
using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;

// Like prometheus::Histogram, but without its lock.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void observe(double value) noexcept;
  prometheus::ClientMetric collect() const;

 private:
  std::vector<double> bounds_;  // upper ones, ascending; the last bucket is without bound
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

// Seconds, from half a millisecond to ten seconds.
const std::vector<double>& latency_bounds();

}  // namespace metrics

class Metrics {
 public:
  // The same name and labels give the same metric again.
  metrics::Counter& counter(const std::string& name, const std::string& help,
                            const metrics::Labels& labels = {});
  metrics::Gauge& gauge(const std::string& name, const std::string& help,
                        const metrics::Labels& labels = {});
  metrics::Histogram& histogram(const std::string& name, const std::string& help,
                                const metrics::Labels& labels = {},
                                const std::vector<double>& bounds = metrics::latency_bounds());

  // A value that is asked for when it is shown, on whichever thread shows it: what it reads must be
  // safe there, and must outlive the last text(). A second one with the same name and labels is a std::logic_error.
  void observe(const std::string& name, const std::string& help, std::function<double()> value,
               const metrics::Labels& labels = {});
  // The same, for what only grows.
  void observe_total(const std::string& name, const std::string& help,
                     std::function<double()> value, const metrics::Labels& labels = {});

  std::string text() const;

 private:
  struct Histograms {
    std::string name, help;
    std::vector<std::pair<metrics::Labels, std::unique_ptr<metrics::Histogram>>> members;
  };
  struct Observed {
    std::string name, help;
    prometheus::MetricType type;
    std::vector<std::pair<metrics::Labels, std::function<double()>>> members;
  };
  void add_observed(const std::string& name, const std::string& help, prometheus::MetricType type,
                    std::function<double()> value, const metrics::Labels& labels);

  mutable std::mutex mutex_;
  prometheus::Registry registry_;
  std::vector<Histograms> histograms_;
  std::vector<Observed> observed_;
};

}  // namespace stoa
