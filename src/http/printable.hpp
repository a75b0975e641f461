#pragma once
// What a client has said in a field, as the log and lists of devices show it.
#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::http {

// At most 256 bytes, printable ASCII; '?' for what is not.
inline std::string printable(std::string_view field) {
  constexpr std::size_t kMost = 256;
  std::string out(field.substr(0, kMost));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return out;
}

}  // namespace stoa::http
