#include <stoa/core/error.hpp>
#include <stoa/net/rate_limiter.hpp>

#include <algorithm>

namespace stoa::net {
namespace {

constexpr std::size_t kTables = 12;  // nine that count, and three of buckets

TokenBuckets::Rate rate_of(const config::Rate& rate) {
  return {static_cast<double>(rate.requests), rate.window};
}

TokenBuckets::Rate rate_of(const config::ByteRate& rate) {
  return {static_cast<double>(rate.bytes.bytes), rate.window};
}

std::size_t most_of(const config::RateLimits& options) {
  return std::max<std::size_t>(1, options.tracked / kTables);
}

std::chrono::seconds whole(std::chrono::steady_clock::duration wait) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1));
}

}  // namespace

void require_allowed(const std::optional<RateState>& rate) {
  if (rate && !rate->allowed) throw Error(Code::rate_limited).retry_after(rate->reset);
}

RateLimiter::RateLimiter(const config::RateLimits& options)
    : enabled_(options.enabled),
      most_per_part_(std::max<std::size_t>(1, options.tracked / (kTables * kParts))),
      sensitive_(options.sensitive),
      registration_(options.registration),
      codes_(options.codes),
      renewal_(options.renewal),
      identity_(options.identity),
      handshake_(options.handshake),
      avatars_(options.avatars),
      read_(options.read),
      write_(options.write),
      of_people_(rate_of(options.events)),
      of_guests_(rate_of(options.guest_events)),
      events_(most_of(options)),
      answers_{rate_of(options.answers), TokenBuckets(most_of(options))},
      changes_{rate_of(options.changes), TokenBuckets(most_of(options))} {}

RateLimiter::Table* RateLimiter::table(Limit limit) noexcept {
  switch (limit) {
    case Limit::none:
      return nullptr;
    case Limit::sensitive:
      return &sensitive_;
    case Limit::registration:
      return &registration_;
    case Limit::codes:
      return &codes_;
    case Limit::renewal:
      return &renewal_;
    case Limit::identity:
      return &identity_;
    case Limit::handshake:
      return &handshake_;
    case Limit::avatars:
      return &avatars_;
    case Limit::read:
      return &read_;
    case Limit::write:
      return &write_;
  }
  return nullptr;
}

std::optional<RateState> RateLimiter::count(Limit limit, const RateKey& key,
                                            Clock::time_point now) {
  Table* const rates = enabled_ ? table(limit) : nullptr;
  if (rates == nullptr) return std::nullopt;
  const auto& [requests, length] = rates->rate;
  Part& part = rates->parts[key.hash() % kParts];
  const std::lock_guard lock(part.mutex);

  auto found = part.by_key.find(key);
  if (found != part.by_key.end() && now - found->second->start >= length) {
    found->second->start = now;
    found->second->count = 0;
    part.windows.splice(part.windows.end(), part.windows, found->second);
  } else if (found == part.by_key.end()) {
    // The front is the oldest: what has run out, and where the part is full, one that has not.
    while (!part.windows.empty() &&
           (part.windows.size() >= most_per_part_ || now - part.windows.front().start >= length)) {
      part.by_key.erase(part.windows.front().key);
      part.windows.pop_front();
    }
    part.windows.push_back({key, now, 0});
    found = part.by_key.emplace(key, std::prev(part.windows.end())).first;
  }
  Window& window = *found->second;
  const bool allowed = window.count < requests;
  if (allowed) ++window.count;
  RateState state = state_of(&window, rates->rate, now);
  state.allowed = allowed;
  weigh_bytes(limit, key, now, state);
  return state;
}

std::optional<RateState> RateLimiter::look(Limit limit, const RateKey& key, Clock::time_point now) {
  Table* const rates = enabled_ ? table(limit) : nullptr;
  if (rates == nullptr) return std::nullopt;
  Part& part = rates->parts[key.hash() % kParts];
  const std::lock_guard lock(part.mutex);
  const auto found = part.by_key.find(key);
  const bool is_over =
      found == part.by_key.end() || now - found->second->start >= rates->rate.window;
  return state_of(is_over ? nullptr : &*found->second, rates->rate, now);
}

// Null: a window that would begin now.
RateState RateLimiter::state_of(const Window* window, const config::Rate& rate,
                                Clock::time_point now) {
  RateState state;
  state.limit = rate.requests;
  state.remaining = rate.requests - (window != nullptr ? window->count : 0);
  state.allowed = state.remaining > 0;
  const auto end = (window != nullptr ? window->start : now) + rate.window;
  const auto left = std::chrono::ceil<std::chrono::seconds>(end - now);
  state.reset = std::max(left, std::chrono::seconds(1));
  return state;
}

RateLimiter::Bytes* RateLimiter::bytes_of(Limit limit) noexcept {
  if (limit == Limit::read) return &answers_;
  return limit == Limit::write ? &changes_ : nullptr;
}

void RateLimiter::weigh_bytes(Limit limit, const RateKey& key, Clock::time_point now,
                              RateState& state) {
  Bytes* const bytes = bytes_of(limit);
  if (bytes == nullptr) return;
  const auto debt = bytes->spent.debt(key, bytes->rate, now);
  if (debt <= Clock::duration::zero()) return;
  state.remaining = 0;
  state.reset = state.allowed ? whole(debt) : std::max(state.reset, whole(debt));
  state.allowed = false;
}

std::optional<std::chrono::seconds> RateLimiter::draw_events(const RateKey& key, double price,
                                                             Clock::time_point now) {
  if (!enabled_) return std::nullopt;
  const auto wait = events_.draw(key, price, key.is_address() ? of_guests_ : of_people_, now);
  return wait ? std::optional(whole(*wait)) : std::nullopt;
}

void RateLimiter::draw_bytes(Limit limit, const RateKey& key, std::size_t bytes,
                             Clock::time_point now) {
  Bytes* const counted = bytes_of(limit);
  if (!enabled_ || counted == nullptr || bytes == 0 || key.is_address()) return;
  counted->spent.overdraw(key, static_cast<double>(bytes), counted->rate, now);
}

std::size_t RateLimiter::tracked() const {
  std::size_t total = events_.size() + answers_.spent.size() + changes_.spent.size();
  for (const Table* rates : {&sensitive_, &registration_, &codes_, &renewal_, &identity_,
                             &handshake_, &avatars_, &read_, &write_}) {
    for (const auto& part : rates->parts) {
      const std::lock_guard lock(part.mutex);
      total += part.windows.size();
    }
  }
  return total;
}

}  // namespace stoa::net
