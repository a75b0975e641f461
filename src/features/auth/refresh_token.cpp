#include "features/auth/refresh_token.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/opaque_token.hpp>

#include <algorithm>
#include <utility>

namespace stoa::auth {
namespace {

constexpr std::size_t kPartLength = 43;  // 256 bits in base64url
constexpr std::size_t kTextLength = 2 * kPartLength + 1;
constexpr std::size_t kMarkBytes = 16;  // of the HMAC

std::string mark_of(std::string_view key, std::string_view text) {
  return base64url_encode(identity::hmac_sha256(key, text).substr(0, kMarkBytes));
}

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
  if (text.size() != kTextLength || text[kPartLength] != '.') return std::nullopt;
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

net::RateKey RefreshToken::key() const {
  const std::string digest = identity::sha256(family);
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  return net::RateKey::of(UserId{id});
}

RefreshMarks::RefreshMarks(const identity::TokenOptions& options) {
  for (const auto& key : options.keys) {
    keys_.push_back(identity::hmac_sha256(key.secret.value, "stoa refresh token"));
  }
  if (keys_.empty()) keys_.push_back(identity::random_bytes(32));
}

std::string RefreshMarks::text(const RefreshToken& token) const {
  const std::string text = token.text();
  return text + '.' + mark_of(keys_.front(), text);
}

std::optional<RefreshMarks::Shown> RefreshMarks::read(std::string_view text) const {
  const auto bare = text.substr(0, kTextLength);
  auto token = RefreshToken::parse(bare);
  if (!token) return std::nullopt;
  Shown shown{std::move(*token), false};
  if (text.size() == kTextLength) return shown;
  const auto mark = text.substr(kTextLength + 1);
  const auto marked = base64url_decode(mark);
  if (text[kTextLength] != '.' || !marked || marked->size() != kMarkBytes) return std::nullopt;
  shown.is_ours = std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    return identity::constant_time_equal(mark, mark_of(key, bare));
  });
  return shown;
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
