#pragma once
// The quick way of parse_json for what clients send all the time: short and well-formed text.
#include <stoa/core/json.hpp>

#include <optional>
#include <string_view>

namespace stoa {

// The tree that parse_json answers, or nothing: for text that is longer than 32 KiB, broken, or beyond the limits, where
// the other parser says what is wrong and at which byte, and for numbers that it reads and simdjson does not. Safe on
// any thread; each that calls it keeps at most 0.6 MiB for the next time.
std::optional<Json> parse_json_quickly(std::string_view text, JsonLimits limits);
// Likewise, and no tree is made.
std::optional<JsonDocument> parse_document_quickly(std::string_view text, JsonLimits limits);
// The other parser: for any text, and with a reason where it is refused.
Json parse_json_thoroughly(std::string_view text, JsonLimits limits);

}  // namespace stoa
