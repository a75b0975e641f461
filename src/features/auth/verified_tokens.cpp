#include "features/auth/verified_tokens.hpp"

namespace stoa::auth {

VerifiedTokens::VerifiedTokens(const identity::AccessTokens& tokens, std::size_t capacity)
    : tokens_(tokens) {
  for (std::size_t i = 0; i < kStripes; ++i) stripes_.emplace_back(capacity / kStripes);
}

identity::AccessClaims VerifiedTokens::verify(const std::string& token, Timestamp when) {
  Stripe& stripe = stripes_[TokenHash{}(token) % kStripes];
  {
    const std::lock_guard lock(stripe.mutex);
    if (const auto* known = stripe.known.find(token)) {
      if (when < known->expires_at) return *known;
      stripe.known.erase(token);
    }
  }
  const identity::AccessClaims claims = tokens_.verify(token, when);
  const std::lock_guard lock(stripe.mutex);
  stripe.known.put(token, claims);
  return claims;
}

std::size_t VerifiedTokens::size() const {
  std::size_t total = 0;
  for (const auto& stripe : stripes_) {
    const std::lock_guard lock(stripe.mutex);
    total += stripe.known.size();
  }
  return total;
}

}  // namespace stoa::auth
