#include "app/terminal.hpp"

#include <cstdint>

namespace stoa::app {
namespace {

// C0, DEL, C1; U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069 (direction); U+2028, U+2029 (lines).
bool is_told(std::uint32_t c) {
  return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && c != 0x200E && c != 0x200F &&
         !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string one_line(std::string text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t c = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t i = at + 1; i < at + size && i < text.size(); ++i) {
      c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    if (!is_told(c)) text.replace(at, size, size, ' ');
    at += size;
  }
  return text;
}

}  // namespace stoa::app
