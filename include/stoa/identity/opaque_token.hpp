#pragma once
// Tokens that mean nothing by themselves: refresh tokens, later codes in mails. 256 random bits as
// base64url (43 characters). The database keeps only the hash, so that a reader of the database can use none; a
// plain SHA-256 is enough for what cannot be guessed. Pure functions, safe on any thread.
#include <string>
#include <string_view>

namespace stoa::identity {

struct OpaqueToken {
  std::string text;  // for the client, once
  std::string hash;  // for the database
};

OpaqueToken make_opaque_token();
// base64url of SHA-256: 43 characters. Any text has one, so that a lookup needs no check before it.
std::string hash_opaque_token(std::string_view text);

}  // namespace stoa::identity
