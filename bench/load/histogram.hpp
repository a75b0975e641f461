#pragma once
// Latencies in nanoseconds, in buckets of about 1.6% width, so that recording is one increment
// and memory is fixed. One writer; merged after the writers have ended.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace load {

class Histogram {
 public:
  void record(std::int64_t nanoseconds) {
    const auto value = static_cast<std::uint64_t>(nanoseconds < 0 ? 0 : nanoseconds);
    ++counts_[bucket_of(value)];
    ++total_;
    if (value > max_) max_ = value;
  }

  void merge(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
    if (other.max_ > max_) max_ = other.max_;
  }

  std::uint64_t total() const { return total_; }
  double max_microseconds() const { return static_cast<double>(max_) / 1000.0; }

  // The value below which the given share (0..1) of all recordings lies; 0 when empty.
  double quantile_microseconds(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) return static_cast<double>(lower_bound_of(i)) / 1000.0;
    }
    return max_microseconds();
  }

 private:
  static constexpr unsigned kSubBits = 6;  // 64 buckets an octave
  static constexpr std::size_t kBuckets = (64 - kSubBits) << kSubBits;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < (1U << kSubBits)) return value;
    const unsigned octave = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
    const std::size_t bucket = (static_cast<std::size_t>(octave) << kSubBits) + (value >> octave);
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }

  static std::uint64_t lower_bound_of(std::size_t bucket) {
    if (bucket < (2U << kSubBits)) return bucket;
    const std::size_t octave = (bucket >> kSubBits) - 1;
    return static_cast<std::uint64_t>(bucket - (octave << kSubBits)) << octave;
  }

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace load
