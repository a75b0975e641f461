#pragma once
// gzip (RFC 1952) over zlib. Pure.
#include <string>
#include <string_view>

namespace stoa::http {

// `level` 1 (fast) to 9 (small).
std::string gzip(std::string_view content, int level);

}  // namespace stoa::http
