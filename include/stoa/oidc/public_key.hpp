#pragma once
// A key that an issuer signs its tokens with, as a JWK (RFC 7517, RFC 7518 section 6, RFC 8037) has it, and what is signed with it
// (RFC 7515). OpenSSL does the arithmetic. Immutable, safe on any thread; verify() takes some 30 microseconds for RSA and
// 100 for the others: not on a shard, where anybody may ask for it.
#include <stoa/core/json_fwd.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/enum.hpp>

namespace stoa::oidc {

// The kinds of signatures that are taken at all. Nothing else has a name here, "none" and those with a shared secret least of all.
enum class Algorithm { RS256, PS256, ES256, EdDSA };
BOOST_DESCRIBE_ENUM(Algorithm, RS256, PS256, ES256, EdDSA)

class PublicKey {
 public:
  static constexpr std::size_t kMaxKid = 256;  // bytes

  // Empty for what is no public key of a kind that we take: RSA of 2048 to 8192 bits, P-256, Ed25519, for signatures.
  static std::shared_ptr<const PublicKey> from_jwk(const Json& jwk);
  ~PublicKey();
  PublicKey(const PublicKey&) = delete;
  PublicKey& operator=(const PublicKey&) = delete;

  const std::string& kid() const noexcept { return kid_; }  // empty where it has none
  // Whether the key is of the algorithm's kind, and not meant for another one.
  bool fits(Algorithm algorithm) const noexcept;
  // `signature` as it stands in a token, decoded: of ES256 R and S beside one another (RFC 7518 section 3.4).
  bool verify(Algorithm algorithm, std::string_view bytes, std::string_view signature) const;

 private:
  enum class Kind { rsa, p256, ed25519 };
  struct Key;  // OpenSSL's
  PublicKey();

  std::string kid_;
  Kind kind_ = Kind::rsa;
  std::optional<Algorithm> only_;
  std::unique_ptr<Key> key_;
};

using PublicKeyPtr = std::shared_ptr<const PublicKey>;

// Of a JWK set (RFC 7517 section 5), at most kMaxKeys; what is no key of ours is left out. Throws Error{invalid_request} where the text
// is no set at all.
inline constexpr std::size_t kMaxKeys = 64;
std::vector<PublicKeyPtr> read_jwks(std::string_view text);

}  // namespace stoa::oidc
