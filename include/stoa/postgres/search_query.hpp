#pragma once
// What a person searches for, for search_for() of migration 0018: quotes, a leading minus and "or" keep their meaning, a word
// with signs inside (don't, x@example.org) is the phrase of its parts, and one of a script that writes without spaces stands
// in quotes too. Pure, safe on any thread.
#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::pg {

std::string search_query(std::string_view text);

// Texts that are found by their words: longer ones have hundreds of these.
inline constexpr std::size_t kLongText = 1024;

// What such a text counts beyond its bytes: of a long one it is the words that take time, and room in the index.
inline std::size_t surcharge_of(std::string_view text) noexcept {
  return text.size() > kLongText ? 15 * (text.size() - kLongText) : 0;
}

}  // namespace stoa::pg
