#pragma once
// What a person searches for, for search_for() of migration 0018: quotes, a leading minus and "or" keep their meaning, a word
// with signs inside (don't, x@example.org) is the phrase of its parts, and one of a script that writes without spaces stands
// in quotes too. Pure, safe on any thread.
#include <string>
#include <string_view>

namespace stoa::pg {

std::string search_query(std::string_view text);

}  // namespace stoa::pg
