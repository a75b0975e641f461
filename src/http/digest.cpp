#include "http/digest.hpp"

#include <stoa/core/base64.hpp>

#include <stdexcept>

#include <openssl/evp.h>

namespace stoa::http {
namespace {

std::string sha256(std::string_view content, std::size_t bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  if (EVP_Digest(content.data(), content.size(), digest, nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available");
  }
  return base64url_encode({reinterpret_cast<const char*>(digest), bytes});
}

}  // namespace

std::string strong_etag(std::string_view content) {
  return '"' + sha256(content, 16) + '"';
}

std::string fingerprint(std::string_view content) {
  return sha256(content, 32);
}

}  // namespace stoa::http
