#pragma once
// Passwords at rest: bcrypt over HMAC-SHA-384, so that no character is cut off at bcrypt's 72 bytes and
// NUL cannot end one early. Stored as "h1:$2b$12$...": the prefix names the scheme, so that a later one can
// live beside it. hash() and verify() take about a quarter of a second at cost 12: run them on the
// WorkerPool, never on a shard. Immutable, safe on any thread.
#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::identity {

class Passwords {
 public:
  // `cost` is the logarithm of the rounds: 4..31.
  explicit Passwords(std::size_t cost);

  std::string hash(std::string_view password) const;
  // False for a stored text that is no hash of ours, at once.
  bool verify(std::string_view password, std::string_view stored) const;
  // Made at another cost than the present one: hash anew at the next sign-in.
  bool outdated(std::string_view stored) const noexcept;
  // A hash that no password has, at the present cost: what an unknown address is verified against, so
  // that it takes as long as a known one.
  const std::string& decoy() const noexcept { return decoy_; }

 private:
  std::string setting_;  // "$2b$12$"
  std::string decoy_;
};

// Among the 5,000 commonest that have at least 8 characters, in any case of letters.
bool is_common_password(std::string_view password);

}  // namespace stoa::identity
