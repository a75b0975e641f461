#pragma once
// Base64 (RFC 4648) in both alphabets over OpenSSL's codec. base64url has no padding. Pure functions.
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

std::string base64_encode(std::string_view bytes);
// Padding may be missing; empty for any character outside the alphabet, wrong length or bits left over.
std::optional<std::string> base64_decode(std::string_view text);
std::string base64url_encode(std::string_view bytes);
// Empty for any character outside the alphabet, wrong length or bits left over.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace stoa
