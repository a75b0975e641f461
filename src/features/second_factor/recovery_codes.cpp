#include "features/second_factor/recovery_codes.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/totp.hpp>

namespace stoa::second_factor {

std::string make_recovery_code() {
  constexpr std::size_t kBytes = 10, kGroup = 4;
  const std::string text = identity::base32_encode(identity::random_bytes(kBytes));
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += kGroup) {
    if (i > 0) out += '-';
    out += text.substr(i, kGroup);
  }
  return out;
}

std::string plain_code(std::string_view typed) {
  std::string out;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return out;
}

std::string hash_recovery_code(std::string_view secret, std::string_view typed) {
  return base64url_encode(identity::hmac_sha256(secret, "stoa recovery code " + plain_code(typed)));
}

}  // namespace stoa::second_factor
