#include <stoa/core/metrics.hpp>

#include <algorithm>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <prometheus/text_serializer.h>

namespace stoa {
namespace {

std::vector<prometheus::ClientMetric::Label> to_labels(const metrics::Labels& labels) {
  std::vector<prometheus::ClientMetric::Label> out;
  for (const auto& [name, value] : labels) out.push_back({name, value});
  return out;
}

template <class Families>
auto find_family(Families& families, const std::string& name) {
  return std::find_if(families.begin(), families.end(),
                      [&](const auto& family) { return family.name == name; });
}

}  // namespace

namespace metrics {

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {
  if (!std::is_sorted(bounds_.begin(), bounds_.end())) {
    throw std::logic_error("a histogram's bounds ascend");
  }
}

void Histogram::observe(double value) noexcept {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

prometheus::ClientMetric Histogram::collect() const {
  prometheus::ClientMetric metric;
  auto& histogram = metric.histogram;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    total += counts_[i].load(std::memory_order_relaxed);
    const double bound = i < bounds_.size() ? bounds_[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({total, bound});
  }
  histogram.sample_count = total;
  histogram.sample_sum = sum_.load(std::memory_order_relaxed);
  return metric;
}

const std::vector<double>& latency_bounds() {
  static const std::vector<double> bounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                             0.1,    0.25,  0.5,    1,     2.5,  5,     10};
  return bounds;
}

}  // namespace metrics

metrics::Counter& Metrics::counter(const std::string& name, const std::string& help,
                                   const metrics::Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
}

metrics::Gauge& Metrics::gauge(const std::string& name, const std::string& help,
                               const metrics::Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
}

metrics::Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                                       const metrics::Labels& labels,
                                       const std::vector<double>& bounds) {
  const std::lock_guard lock(mutex_);
  auto family = find_family(histograms_, name);
  if (family == histograms_.end()) {
    family = histograms_.insert(histograms_.end(), Histograms{name, help, {}});
  }
  for (auto& [known, histogram] : family->members) {
    if (known == labels) return *histogram;
  }
  auto histogram = std::make_unique<metrics::Histogram>(bounds);
  return *family->members.emplace_back(labels, std::move(histogram)).second;
}

void Metrics::observe(const std::string& name, const std::string& help,
                      std::function<double()> value, const metrics::Labels& labels) {
  add_observed(name, help, prometheus::MetricType::Gauge, std::move(value), labels);
}

void Metrics::observe_total(const std::string& name, const std::string& help,
                            std::function<double()> value, const metrics::Labels& labels) {
  add_observed(name, help, prometheus::MetricType::Counter, std::move(value), labels);
}

void Metrics::add_observed(const std::string& name, const std::string& help,
                           prometheus::MetricType type, std::function<double()> value,
                           const metrics::Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto family = find_family(observed_, name);
  if (family == observed_.end()) {
    family = observed_.insert(observed_.end(), Observed{name, help, type, {}});
  }
  for (const auto& member : family->members) {
    if (member.first == labels) throw std::logic_error("a metric stands there twice: " + name);
  }
  family->members.emplace_back(labels, std::move(value));
}

std::string Metrics::text() const {
  auto families = registry_.Collect();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, help, members] : histograms_) {
      auto& family = families.emplace_back(
          prometheus::MetricFamily{name, help, prometheus::MetricType::Histogram, {}});
      for (const auto& [labels, histogram] : members) {
        family.metric.push_back(histogram->collect());
        family.metric.back().label = to_labels(labels);
      }
    }
    for (const auto& [name, help, type, members] : observed_) {
      auto& family = families.emplace_back(prometheus::MetricFamily{name, help, type, {}});
      for (const auto& [labels, value] : members) {
        auto& metric = family.metric.emplace_back();
        metric.label = to_labels(labels);
        (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) =
            value();
      }
    }
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace stoa
