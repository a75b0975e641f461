#pragma once
// Tokens of others that were found good, by their hashes: the next request with the same one costs a hash and a look-up. A token's
// bytes never mean something else, so only its end is looked at again; whether its sign-in still stands is asked elsewhere.
// Bounded, in memory alone; the least recently used gives way. Safe on any thread.
#include <stoa/auth/foreign_tokens.hpp>
#include <stoa/core/lru.hpp>
#include <stoa/identity/crypto.hpp>

#include <cstddef>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace stoa::outside {

class RememberedTokens {
 public:
  using Shown = auth::ForeignTokens::Shown;

  explicit RememberedTokens(std::size_t capacity) {
    for (std::size_t i = 0; i < kStripes; ++i) stripes_.emplace_back(capacity / kStripes);
  }

  std::optional<Shown> find(const std::string& token, Timestamp when = now()) {
    const std::string key = identity::sha256(token);
    Stripe& stripe = stripe_of(key);
    const std::lock_guard lock(stripe.mutex);
    const Shown* const known = stripe.known.find(key);
    if (known == nullptr) return std::nullopt;
    if (when < known->until) return *known;
    stripe.known.erase(key);
    return std::nullopt;
  }
  void put(const std::string& token, const Shown& shown) {
    const std::string key = identity::sha256(token);
    Stripe& stripe = stripe_of(key);
    const std::lock_guard lock(stripe.mutex);
    stripe.known.put(key, shown);
  }
  std::size_t size() const {
    std::size_t total = 0;
    for (const auto& stripe : stripes_) {
      const std::lock_guard lock(stripe.mutex);
      total += stripe.known.size();
    }
    return total;
  }

 private:
  struct Stripe {
    explicit Stripe(std::size_t capacity) : known(capacity) {}
    mutable std::mutex mutex;
    Lru<std::string, Shown> known;
  };
  static constexpr std::size_t kStripes = 16;

  Stripe& stripe_of(const std::string& key) {
    return stripes_[static_cast<unsigned char>(key.front()) % kStripes];
  }

  std::deque<Stripe> stripes_;
};

}  // namespace stoa::outside
