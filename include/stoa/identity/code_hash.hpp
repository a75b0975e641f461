#pragma once
// Short codes, as they stand in the database: HMAC-SHA-256 with a key of the server, since a plain hash of six digits is a table
// of a million lines. Immutable, safe on any thread.
#include <stoa/identity/token_options.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::identity {

class CodeHash {
 public:
  // The first key makes, all match. Without any, one is made that lives as long as this object.
  explicit CodeHash(std::span<const TokenKey> keys);

  // 43 characters of base64url. `bound_to`: what the code is for, so that the same code of another row has another hash.
  std::string make(std::string_view code, std::string_view bound_to) const;
  // Takes the same time whatever the code is.
  bool matches(std::string_view stored, std::string_view code, std::string_view bound_to) const;

 private:
  std::vector<std::string> keys_;
};

// So many digits, each of the ten as likely as the others.
std::string random_digits(int count);

}  // namespace stoa::identity
