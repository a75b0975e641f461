#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>

#include <array>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace stoa::identity {
namespace {

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (HMAC(digest, key.data(), static_cast<int>(key.size()), raw(bytes), bytes.size(), out.data(),
           &size) == nullptr) {
    throw std::runtime_error("OpenSSL could not compute an HMAC");
  }
  return {reinterpret_cast<const char*>(out.data()), size};
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    throw std::runtime_error("no random bytes from OpenSSL");
  }
  return out;
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL could not compute a hash");
  }
  return {reinterpret_cast<const char*>(out.data()), size};
}

Sha256::Sha256() : state_(EVP_MD_CTX_new()) {
  if (state_ == nullptr ||
      EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(state_), EVP_sha256(), nullptr) != 1) {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(state_));
    throw std::runtime_error("OpenSSL could not begin a hash");
  }
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(state_));
}

void Sha256::add(std::string_view bytes) {
  if (EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(state_), bytes.data(), bytes.size()) != 1) {
    throw std::runtime_error("OpenSSL could not compute a hash");
  }
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(state_), out.data(), &size) != 1) {
    throw std::runtime_error("OpenSSL could not compute a hash");
  }
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hmac_sha1(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha1(), key, bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha256(), key, bytes);
}

std::string hmac_sha384(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha384(), key, bytes);
}

std::string turn_credential(std::string_view secret, std::string_view username) {
  return base64_encode(hmac_sha1(secret, username));
}

}  // namespace stoa::identity
