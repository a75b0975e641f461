#pragma once
// Access tokens whose signature and claims were found good, so that the next request with the same token
// costs a look-up instead of an HMAC and a JSON reading. A token's bytes never mean something else, so
// only its end is looked at again. Bounded; only good tokens are kept, and in memory alone. Safe on any
// thread.
#include <stoa/core/lru.hpp>
#include <stoa/identity/access_tokens.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace stoa::auth {

class VerifiedTokens {
 public:
  // `tokens` must outlive it.
  VerifiedTokens(const identity::AccessTokens& tokens, std::size_t capacity);

  // Throws Error{invalid_token}.
  identity::AccessClaims verify(const std::string& token, Timestamp when = now());
  std::size_t size() const;

 private:
  // A token ends with its signature, which is random to whoever cannot sign.
  struct TokenHash {
    static constexpr std::size_t kLooked = 16;
    std::size_t operator()(const std::string& token) const noexcept {
      const std::string_view whole = token;
      const auto end = whole.substr(whole.size() - std::min(kLooked, whole.size()));
      return std::hash<std::string_view>{}(end);
    }
  };
  struct Stripe {
    explicit Stripe(std::size_t capacity) : known(capacity) {}
    mutable std::mutex mutex;
    Lru<std::string, identity::AccessClaims, TokenHash> known;
  };
  static constexpr std::size_t kStripes = 16;

  const identity::AccessTokens& tokens_;
  std::deque<Stripe> stripes_;
};

}  // namespace stoa::auth
