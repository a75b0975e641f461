#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/device_tokens.hpp>

#include <algorithm>

namespace stoa::identity {
namespace {

constexpr std::size_t kId = sizeof(Uuid::bytes);
constexpr std::size_t kSigned = 2 * kId;  // user, id
constexpr std::size_t kToken = kSigned + 32;

void append(std::string& out, const Uuid& id) {
  out.append(reinterpret_cast<const char*>(id.bytes.data()), kId);
}

Uuid uuid_at(std::string_view bytes, std::size_t at) {
  Uuid id;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), kId, id.bytes.begin());
  return id;
}

}  // namespace

DeviceTokens::DeviceTokens(const TokenOptions& options, std::string_view purpose) {
  for (const auto& key : options.keys) keys_.push_back(hmac_sha256(key.secret.value, purpose));
  if (keys_.empty()) keys_.push_back(random_bytes(32));
}

std::string DeviceTokens::issue(UserId user) const {
  std::string token;
  append(token, user.uuid);
  append(token, Uuid::v7());
  token += hmac_sha256(keys_.front(), token);
  return base64url_encode(token);
}

std::optional<KnownDevice> DeviceTokens::verify(std::string_view token) const {
  const auto bytes = base64url_decode(token);
  if (!bytes || bytes->size() != kToken) return std::nullopt;
  const auto given = std::string_view(*bytes).substr(kSigned);
  const auto of_signed = std::string_view(*bytes).substr(0, kSigned);
  const bool is_ours = std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    return constant_time_equal(given, hmac_sha256(key, of_signed));
  });
  if (!is_ours) return std::nullopt;
  return KnownDevice{{uuid_at(*bytes, 0)}, uuid_at(*bytes, kId)};
}

}  // namespace stoa::identity
