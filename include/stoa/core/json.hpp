#pragma once
// JSON at the edge: bounded parsing (depth, duplicate keys, UTF-8, NUL) and the few writing helpers that
// the binding uses. Pure functions, safe on any thread. What nlohmann-json leaves open is decided here:
// duplicate keys and numbers outside double's range are refused, and dump never throws.
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace stoa {

using Json = nlohmann::json;

struct JsonLimits {
  std::size_t depth = 32;        // arrays and objects inside one another
  std::size_t elements = 20000;  // values in all, so that small text cannot become a large tree
};

// Throws Error{invalid_request} whose message says what is wrong and at which byte.
Json parse_json(std::string_view text, JsonLimits limits = {});

// Compact. Invalid UTF-8 (which no edge lets in) is replaced, never thrown at.
std::string dump_json(const Json& value);
void append_json(std::string& out, const Json& value);

// "text" with quotes and escapes.
void append_json_string(std::string& out, std::string_view text);
void append_json_number(std::string& out, std::int64_t value);
void append_json_number(std::string& out, std::uint64_t value);
void append_json_number(std::string& out, double value);  // null when not finite

}  // namespace stoa
