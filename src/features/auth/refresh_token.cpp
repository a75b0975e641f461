#include "features/auth/refresh_token.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/opaque_token.hpp>

namespace stoa::auth {
namespace {

constexpr std::size_t kPartLength = 43;  // 256 bits in base64url

std::string with_pad(const RefreshToken& token, std::string bytes) {
  const std::string pad = identity::hmac_sha256(token.text(), "stoa.refresh.successor");
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ pad[i]);
  return bytes;
}

}  // namespace

RefreshToken RefreshToken::make() {
  return {identity::make_opaque_token().text, identity::make_opaque_token().text};
}

std::optional<RefreshToken> RefreshToken::parse(std::string_view text) {
  if (text.size() != 2 * kPartLength + 1 || text[kPartLength] != '.') return std::nullopt;
  return RefreshToken{std::string(text.substr(0, kPartLength)),
                      std::string(text.substr(kPartLength + 1))};
}

RefreshToken RefreshToken::successor() const {
  return {family, identity::make_opaque_token().text};
}

std::string RefreshToken::family_hash() const {
  return identity::hash_opaque_token(family);
}
std::string RefreshToken::hash() const {
  return identity::hash_opaque_token(text());
}

std::string seal(const RefreshToken& token, const RefreshToken& successor) {
  return base64url_encode(with_pad(token, base64url_decode(successor.secret).value()));
}

std::optional<RefreshToken> unseal(const RefreshToken& token, std::string_view sealed) {
  auto bytes = base64url_decode(sealed);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  return RefreshToken{token.family, base64url_encode(with_pad(token, std::move(*bytes)))};
}

}  // namespace stoa::auth
