#pragma once
// Names of files as people give them. Pure.
#include <string>
#include <string_view>

namespace stoa::http {

// For showing: the last segment of a path, in UTF-8, without controls and without what changes the direction of writing
// (so that a name shows what it is), at most 255 bytes. Empty where nothing is left, and for "." and "..".
std::string clean_file_name(std::string_view name);

}  // namespace stoa::http
