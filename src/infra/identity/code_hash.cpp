#include <stoa/core/base64.hpp>
#include <stoa/identity/code_hash.hpp>
#include <stoa/identity/crypto.hpp>

namespace stoa::identity {
namespace {

std::string hash_with(std::string_view key, std::string_view code, std::string_view bound_to) {
  std::string text(bound_to);
  text += '\0';
  text += code;
  return base64url_encode(hmac_sha256(key, text));
}

}  // namespace

CodeHash::CodeHash(std::span<const TokenKey> keys) {
  for (const auto& key : keys) keys_.push_back(hmac_sha256(key.secret.value, "stoa code"));
  if (keys_.empty()) keys_.push_back(random_bytes(32));
}

std::string CodeHash::make(std::string_view code, std::string_view bound_to) const {
  return hash_with(keys_.front(), code, bound_to);
}

bool CodeHash::matches(std::string_view stored, std::string_view code,
                       std::string_view bound_to) const {
  bool found = false;
  for (const auto& key : keys_) {
    found |= constant_time_equal(stored, hash_with(key, code, bound_to));
  }
  return found;
}

std::string random_digits(int count) {
  constexpr unsigned kFair = 250;  // bytes from here on would make some digits likelier
  std::string out;
  while (out.size() < static_cast<std::size_t>(count)) {
    for (const char c : random_bytes(static_cast<std::size_t>(count))) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= kFair || out.size() == static_cast<std::size_t>(count)) continue;
      out += static_cast<char>('0' + byte % 10);
    }
  }
  return out;
}

}  // namespace stoa::identity
