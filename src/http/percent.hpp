#pragma once
// Percent-decoding (RFC 3986 section 2.1). Pure.
#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

// Empty where a percent sign is not followed by two hexadecimal digits. The result may be any bytes.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

}  // namespace stoa::http
