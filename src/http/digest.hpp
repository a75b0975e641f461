#pragma once
// SHA-256 for entity tags and fingerprints. Pure.
#include <string>
#include <string_view>

namespace stoa::http {

// "\"...\"": a strong entity tag of the content, 128 bits of its SHA-256.
std::string strong_etag(std::string_view content);
// All 256 bits, base64url.
std::string fingerprint(std::string_view content);

}  // namespace stoa::http
