#pragma once
// ID tokens (OpenID Connect Core 1.0 section 2): read within bounds, and judged but for their signature. Pure functions, safe on
// any thread; a few microseconds.
#include <stoa/core/error.hpp>
#include <stoa/core/time.hpp>
#include <stoa/oidc/public_key.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::oidc {

inline constexpr std::size_t kMaxTokenBytes = 8192;
// How far an issuer's clock and ours may be apart.
inline constexpr std::chrono::seconds kLeeway{60};

// A token that does not stand. Its client hears INVALID_TOKEN, the log why.
struct Refused : Error {
  explicit Refused(const char* reason) : Error(Code::invalid_token), why(reason) {}
  const char* why;  // a literal
};

// What a token says, of an issuer that is to be believed once the signature was verified.
struct Claims {
  std::string issuer;   // as it stands there
  std::string subject;  // of the issuer's, 1 to 255 characters of ASCII
  std::vector<std::string> audience;
  std::string authorized_party;  // azp
  std::string tenant;            // tid, of Microsoft's
  std::string nonce;
  std::string email;
  bool email_verified = false;
  std::string name;
  std::optional<Timestamp> expires_at, issued_at, not_before, auth_time;

  // Since when the person is signed in there, as far as the token says it.
  Timestamp began_at() const noexcept { return auth_time ? *auth_time : *issued_at; }
};

struct IdToken {
  std::optional<Algorithm> algorithm;  // empty: none of those that we take
  std::string kid;                     // empty where it names none
  std::string signed_part;
  std::string signature;
  Claims claims;
};

// Throws Refused for what is no token, or asks for an extension (crit). Keys that it brings along (jwk, jku, x5u, x5c) are not looked at.
IdToken read_id_token(std::string_view text);
// Whose it says that it is, of what may be anything. For telling one's own tokens from those of others; nothing of it is shown.
struct Said {
  std::string issuer;
  std::string tenant;
};
std::optional<Said> said_in(std::string_view text) noexcept;

// What is asked of a token.
struct Rules {
  // Each byte for byte; "{tenantid}" in one stands for the token's tid, which has to be one of `tenants`.
  std::vector<std::string> issuers;
  std::vector<std::string> audiences;
  std::vector<std::string> authorized_parties;  // azp may be one of these, or of the audiences
  std::vector<Algorithm> algorithms;
  std::vector<std::string> tenants;
  bool needs_auth_time = false;
};

// Whether it has "{tenantid}" in it.
bool is_of_tenants(const std::string& issuer);
bool is_issuer(const Rules& rules, const std::string& issuer, const std::string& tenant);
// OpenID Connect Core 1.0 section 3.1.3.7, without the signature. `nonce`: that the client has asked for; none: it did not say.
// Throws Refused.
void check(const IdToken& token, const Rules& rules, const std::optional<std::string>& nonce,
           Timestamp when = now());

}  // namespace stoa::oidc
