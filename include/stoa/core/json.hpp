#pragma once
// JSON at the edge: the values, and bounded parsing (depth, duplicate keys, UTF-8, NUL). Pure functions, safe on any thread. What nlohmann-json leaves open is decided here:
// duplicate keys and numbers outside double's range are refused, and dump never throws.
#include <stoa/core/json_fwd.hpp>

#include <cstddef>
#include <span>
#include <string_view>

#include <nlohmann/json.hpp>

namespace stoa {

struct JsonLimits {
  std::size_t depth = 32;        // arrays and objects inside one another
  std::size_t elements = 20000;  // values in all, so that small text cannot become a large tree
};

// Throws Error{invalid_request} whose message says what is wrong and at which byte.
Json parse_json(std::string_view text, JsonLimits limits = {});

// A member of an object, and where its value is put.
struct JsonMember {
  std::string_view name;
  Json* value;
};

// As parse_json, for an object of which some members are wanted: no tree is made of the rest. A value whose member is not
// there stays as it is. False: the text is JSON, and no object.
//
//   Json type, payload;
//   const JsonMember wanted[] = {{"type", &type}, {"payload", &payload}};
//   if (!parse_json_members(text, wanted)) ...
bool parse_json_members(std::string_view text, std::span<const JsonMember> wanted,
                        JsonLimits limits = {});

}  // namespace stoa
