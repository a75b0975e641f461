#include <stoa/net/token_buckets.hpp>

#include <algorithm>

namespace stoa::net {
namespace {

using Clock = TokenBuckets::Clock;

Clock::duration time_for(double amount, const TokenBuckets::Rate& rate) {
  const std::chrono::duration<double> whole = rate.window;
  return std::chrono::duration_cast<Clock::duration>(whole * (amount / rate.amount));
}

}  // namespace

TokenBuckets::TokenBuckets(std::size_t most) {
  for (auto& part : parts_) part = std::make_unique<Part>(std::max<std::size_t>(1, most / kParts));
}

std::optional<Clock::duration> TokenBuckets::draw(const RateKey& key, double amount,
                                                  const Rate& rate, Clock::time_point now) {
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  Clock::time_point* const known = part.full_at.find(key);
  const auto full_at = std::max(known != nullptr ? *known : now, now) +
                       time_for(std::min(amount, rate.amount), rate);
  const auto missing = full_at - now - Clock::duration(rate.window);
  if (missing > Clock::duration::zero()) return missing;
  if (known != nullptr) {
    *known = full_at;
  } else {
    part.full_at.put(key, full_at);
  }
  return std::nullopt;
}

void TokenBuckets::overdraw(const RateKey& key, double amount, const Rate& rate,
                            Clock::time_point now) {
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  const Clock::time_point* const known = part.full_at.find(key);
  part.full_at.put(key, std::max(known != nullptr ? *known : now, now) + time_for(amount, rate));
}

Clock::duration TokenBuckets::debt(const RateKey& key, const Rate& rate, Clock::time_point now) {
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  const Clock::time_point* const known = part.full_at.find(key);
  if (known == nullptr) return Clock::duration::zero();
  return std::max(*known - now - Clock::duration(rate.window), Clock::duration::zero());
}

std::size_t TokenBuckets::size() const {
  std::size_t total = 0;
  for (const auto& part : parts_) {
    const std::lock_guard lock(part->mutex);
    total += part->full_at.size();
  }
  return total;
}

}  // namespace stoa::net
