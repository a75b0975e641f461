#include "common_passwords.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/core/text.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/passwords.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include <crypt.h>
#include <openssl/crypto.h>

namespace stoa::identity {
namespace {

constexpr std::string_view kScheme = "h1:";
// A key of our own, so that plain SHA hashes leaked elsewhere cannot be tried against ours.
constexpr std::string_view kDomain = "stoa.password.1";

// libxcrypt's work area is 32 KiB and holds traces of the password.
struct WorkArea {
  crypt_data data{};
  ~WorkArea() { OPENSSL_cleanse(&data, sizeof data); }
};

std::string bcrypt(std::string_view password, const std::string& setting) {
  std::string key = base64_encode(hmac_sha384(kDomain, password));  // 64 characters
  const auto area = std::make_unique<WorkArea>();
  const char* out = crypt_r(key.c_str(), setting.c_str(), &area->data);
  OPENSSL_cleanse(key.data(), key.size());
  if (out == nullptr || *out == '*') return {};
  return out;
}

std::string new_setting(const std::string& prefix, std::size_t cost) {
  const std::string random = random_bytes(16);
  char out[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn(prefix.c_str(), cost, random.data(), static_cast<int>(random.size()), out,
                       sizeof out) == nullptr) {
    throw std::runtime_error("libcrypt makes no bcrypt salt of cost " + std::to_string(cost));
  }
  return out;
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size() - 1) + 1);
  }
  return out;
}

}  // namespace

Passwords::Passwords(std::size_t cost) {
  const std::string salted = new_setting("$2b$", cost);
  setting_ = salted.substr(0, 7);
  decoy_ = std::string(kScheme) + salted + std::string(31, '.');
}

std::string Passwords::hash(std::string_view password) const {
  const std::size_t cost = std::stoul(setting_.substr(4, 2));
  const std::string out = bcrypt(password, new_setting("$2b$", cost));
  if (out.empty()) throw std::runtime_error("libcrypt could not compute a bcrypt hash");
  return std::string(kScheme) + out;
}

bool Passwords::verify(std::string_view password, std::string_view stored) const {
  if (!stored.starts_with(kScheme)) return false;
  const std::string expected(stored.substr(kScheme.size()));
  const std::string actual = bcrypt(password, expected);
  return !actual.empty() && constant_time_equal(actual, expected);
}

bool Passwords::outdated(std::string_view stored) const noexcept {
  return !stored.starts_with(kScheme) || !stored.substr(kScheme.size()).starts_with(setting_);
}

bool is_common_password(std::string_view password) {
  static const auto words = lines(kCommonPasswords);  // sorted in the file
  const std::string lower = small_letters(password);
  return std::binary_search(words.begin(), words.end(), std::string_view(lower));
}

}  // namespace stoa::identity
