#pragma once
// Access tokens: JWTs (RFC 7519) of the type at+jwt (RFC 9068), signed with HS256 (RFC 7515) and nothing
// else. What RFC 8725 asks for holds by construction: the header of a token must be, byte for byte, one that
// this class writes ({"alg","kid","typ"} of a configured key), so no token chooses its algorithm, brings a
// key (jwk, jku, x5u, x5c) or asks for an extension (crit); then the signature is compared in constant time;
// only then are the claims read, strictly, and every one of them is required.
//
// cpp-jwt computes the signatures. Its own decode() is not used: it compares signatures in variable time,
// looks at the claims first, knows no type but "JWT", and ends the process on some malformed tokens.
//
// Immutable after construction, safe on any thread. verify() takes a few microseconds.
#include <stoa/core/caller.hpp>
#include <stoa/core/time.hpp>
#include <stoa/identity/token_options.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::identity {

// Times are whole seconds in the token.
struct AccessClaims {
  Uuid id;  // jti
  UserId user;
  AuthSessionId session;
  Role role = Role::learner;
  Timestamp issued_at;
  Timestamp expires_at;
};

class AccessTokens {
 public:
  static constexpr std::size_t kMaxBytes = 1024;  // longer ones are refused unread
  // How far the clocks of two nodes may differ: a token from the near future is good.
  static constexpr std::chrono::seconds kLeeway{5};

  // The first key signs, all verify. Without any, a random one is made that lives as long as this object.
  explicit AccessTokens(const TokenOptions& options);

  // A token for `ttl` from now, as configured.
  std::string issue(UserId user, AuthSessionId session, Role role, Timestamp when = now()) const;
  // Throws Error{invalid_token}, never saying why.
  AccessClaims verify(std::string_view token, Timestamp when = now()) const;

  std::chrono::seconds ttl() const noexcept { return ttl_; }
  bool has_temporary_key() const noexcept { return temporary_key_; }

 private:
  struct Key {
    std::string header;  // base64url, as the first part of a token
    std::string secret;
  };

  std::string issuer_;
  std::string audience_;
  std::chrono::seconds ttl_;
  std::vector<Key> keys_;
  bool temporary_key_ = false;
};

}  // namespace stoa::identity
