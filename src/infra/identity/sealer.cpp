#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/sealer.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace stoa::identity {
namespace {

constexpr std::size_t kNonce = 12, kTag = 16;  // bytes

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

void require(int done) {
  if (done != 1) throw std::runtime_error("OpenSSL could not seal or open");
}

// RFC 5869, for the one block that is needed.
std::string derive(std::string_view secret, std::string_view purpose) {
  const std::string extracted = hmac_sha256("stoa sealer", secret);
  std::string block(purpose);
  block += '\x01';
  return hmac_sha256(extracted, block);
}

Context begin(bool sealing, std::string_view key, std::string_view nonce,
              std::string_view bound_to) {
  Context context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  int size = 0;
  require(EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets(key), octets(nonce),
                            sealing ? 1 : 0));
  require(EVP_CipherUpdate(context.get(), nullptr, &size, octets(bound_to),
                           static_cast<int>(bound_to.size())));
  return context;
}

std::string run(EVP_CIPHER_CTX* context, std::string_view in) {
  std::string out(in.size(), '\0');
  int size = 0;
  require(EVP_CipherUpdate(context, octets(out), &size, octets(in), static_cast<int>(in.size())));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> open_with(std::string_view key, std::string_view bytes,
                                     std::string_view bound_to) {
  const auto inner = bytes.substr(kNonce, bytes.size() - kNonce - kTag);
  std::string tag(bytes.substr(bytes.size() - kTag));
  const Context context = begin(false, key, bytes.substr(0, kNonce), bound_to);
  std::string plain = run(context.get(), inner);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()));
  int size = 0;
  unsigned char rest[kTag];
  if (EVP_CipherFinal_ex(context.get(), rest, &size) != 1) return std::nullopt;
  return plain;
}

}  // namespace

Sealer::Sealer(std::span<const TokenKey> keys, std::string_view purpose)
    : is_temporary_(keys.empty()) {
  for (const auto& key : keys) keys_.push_back({key.kid, derive(key.secret.value, purpose)});
  if (keys_.empty()) keys_.push_back({"temporary", random_bytes(32)});
}

std::string Sealer::seal(std::string_view plain, std::string_view bound_to) const {
  const Key& key = keys_.front();
  std::string bytes = random_bytes(kNonce);
  const Context context = begin(true, key.bytes, bytes, bound_to);
  bytes += run(context.get(), plain);
  int size = 0;
  std::string tag(kTag, '\0');
  require(EVP_CipherFinal_ex(context.get(), octets(tag), &size));
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, tag.data()));
  return key.kid + "." + base64url_encode(bytes + tag);
}

std::optional<std::string> Sealer::open(std::string_view sealed, std::string_view bound_to) const {
  const auto kid = kid_of(sealed);
  const auto key =
      std::find_if(keys_.begin(), keys_.end(), [kid](const Key& k) { return k.kid == kid; });
  if (kid.empty() || key == keys_.end()) return std::nullopt;
  const auto bytes = base64url_decode(sealed.substr(kid.size() + 1));
  if (!bytes || bytes->size() < kNonce + kTag) return std::nullopt;
  return open_with(key->bytes, *bytes, bound_to);
}

bool Sealer::knows(std::string_view kid) const noexcept {
  return std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) { return key.kid == kid; });
}

std::string_view Sealer::kid_of(std::string_view sealed) noexcept {
  const auto dot = sealed.rfind('.');  // a kid may have one, base64url has none
  return dot == std::string_view::npos ? std::string_view() : sealed.substr(0, dot);
}

}  // namespace stoa::identity
