#pragma once
// Memory that is given back while its owner lives on, as a connection does between two messages. Pure.
#include <string>

namespace stoa {

// Empty from now on, without memory of its own. clear() keeps it, and so does the assignment of an empty string.
inline void give_back(std::string& text) noexcept {
  std::string().swap(text);
}

}  // namespace stoa
