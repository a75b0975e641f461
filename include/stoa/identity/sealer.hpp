#pragma once
// What the server must be able to read again and a reader of the database must not: secrets of second factors, links in
// mails that wait. AES-256-GCM (NIST SP 800-38D) with a random nonce; the key is derived by HKDF-SHA256 (RFC 5869) from a
// configured one and the purpose, so that what is sealed for one purpose is nothing for another. Immutable, safe on any
// thread; throws std::runtime_error when OpenSSL itself fails.
#include <stoa/identity/token_options.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::identity {

class Sealer {
 public:
  // The first key seals, all open. Without any, one is made that lives as long as this object.
  Sealer(std::span<const TokenKey> keys, std::string_view purpose);

  // "kid.base64url(nonce, ciphertext, tag)". `bound_to`: what it belongs to, such as a user's id; not in it, and asked for
  // again when it is opened, so that it means nothing in another row.
  std::string seal(std::string_view plain, std::string_view bound_to) const;
  // Empty for what none of the keys has sealed for this purpose and this thing.
  std::optional<std::string> open(std::string_view sealed, std::string_view bound_to) const;

  // The name of the key; empty where it is none that seal() has made.
  static std::string_view kid_of(std::string_view sealed) noexcept;
  // Whether a key of that name is there.
  bool knows(std::string_view kid) const noexcept;
  bool has_temporary_key() const noexcept { return is_temporary_; }

 private:
  struct Key {
    std::string kid;
    std::string bytes;
  };

  bool is_temporary_;
  std::vector<Key> keys_;
};

}  // namespace stoa::identity
