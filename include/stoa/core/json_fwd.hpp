#pragma once
// Json by name alone, for headers: the library's own header costs every source that sees it more than a
// second. A source that touches a Json value includes <stoa/core/json.hpp>.
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace stoa {

using Json = nlohmann::json;

// Compact. Invalid UTF-8 (which no edge lets in) is replaced, never thrown at.
std::string dump_json(const Json& value);
void append_json(std::string& out, const Json& value);

// "text" with quotes and escapes.
void append_json_string(std::string& out, std::string_view text);
void append_json_number(std::string& out, std::int64_t value);
void append_json_number(std::string& out, std::uint64_t value);
void append_json_number(std::string& out, double value);  // null when not finite

}  // namespace stoa
