#include "http/rate_limit.hpp"

#include <stoa/net/networks.hpp>

#include <algorithm>
#include <cstring>

namespace stoa::http {
namespace {

// Version 7 UUIDs begin with a time below 2^48, so no user has this upper half.
constexpr std::uint64_t kAddress = 0xFFFFFFFFFFFFFFFFU;

}  // namespace

RateKey RateKey::of(const UserId& user) noexcept {
  RateKey key;
  std::memcpy(&key.high, user.uuid.bytes.data(), sizeof key.high);
  std::memcpy(&key.low, user.uuid.bytes.data() + sizeof key.high, sizeof key.low);
  return key;
}

RateKey RateKey::of(const boost::asio::ip::address& address) noexcept {
  return {kAddress, net::client_key(address)};
}

std::size_t RateLimiter::Hash::operator()(const RateKey& key) const noexcept {
  std::uint64_t mixed = key.high ^ (key.low * 0x9E3779B97F4A7C15U);
  mixed ^= mixed >> 32;
  return static_cast<std::size_t>(mixed * 0xD6E8FEB86659FD93U >> 8);
}

RateLimiter::RateLimiter(const config::RateLimits& options)
    : enabled_(options.enabled),
      most_per_part_(std::max<std::size_t>(1, options.tracked / (6 * kParts))),
      sensitive_(options.sensitive),
      registration_(options.registration),
      renewal_(options.renewal),
      handshake_(options.handshake),
      read_(options.read),
      write_(options.write) {}

RateLimiter::Table* RateLimiter::table(Limit limit) noexcept {
  switch (limit) {
    case Limit::none:
      return nullptr;
    case Limit::sensitive:
      return &sensitive_;
    case Limit::registration:
      return &registration_;
    case Limit::renewal:
      return &renewal_;
    case Limit::handshake:
      return &handshake_;
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
  Part& part = rates->parts[Hash{}(key) % kParts];
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
  return state;
}

std::optional<RateState> RateLimiter::look(Limit limit, const RateKey& key, Clock::time_point now) {
  Table* const rates = enabled_ ? table(limit) : nullptr;
  if (rates == nullptr) return std::nullopt;
  Part& part = rates->parts[Hash{}(key) % kParts];
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

std::size_t RateLimiter::tracked() const {
  std::size_t total = 0;
  for (const Table* rates :
       {&sensitive_, &registration_, &renewal_, &handshake_, &read_, &write_}) {
    for (const auto& part : rates->parts) {
      const std::lock_guard lock(part.mutex);
      total += part.windows.size();
    }
  }
  return total;
}

}  // namespace stoa::http
