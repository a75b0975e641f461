#pragma once
// Looks into a JSON text without reading it: for what is beyond JsonLimits, and for values that are handed on as they
// stand. Time is linear in the text, and memory a bit for each level of nesting, whatever the text is. Pure, safe on
// any thread.
#include <string_view>

namespace stoa {

// Whether it is JSON (RFC 8259), as a browser takes it: of any depth and number of values, with names that stand twice, numbers
// beyond double's range, and escapes that are no character (NUL, half a surrogate pair).
bool is_json(std::string_view text);

// The next two are for what is JSON. The value of the outermost object's first member of that name, as it stands in the
// text; empty for none. Names with escapes are not found.
std::string_view member_text(std::string_view json, std::string_view name);
// The first item of the outermost array, as it stands in the text; empty for none, and for what is no array.
std::string_view first_item_text(std::string_view json);

}  // namespace stoa
