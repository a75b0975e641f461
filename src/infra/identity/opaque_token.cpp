#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>
#include <stoa/identity/opaque_token.hpp>

namespace stoa::identity {

OpaqueToken make_opaque_token() {
  OpaqueToken token;
  token.text = base64url_encode(random_bytes(32));
  token.hash = hash_opaque_token(token.text);
  return token;
}

std::string hash_opaque_token(std::string_view text) {
  return base64url_encode(sha256(text));
}

}  // namespace stoa::identity
