#include <stoa/core/values.hpp>
#include <stoa/http/file_name.hpp>

#include <algorithm>

namespace stoa::http {
namespace {

constexpr std::size_t kMostBytes = 255;  // what file systems take

// `character`: the bytes of one in UTF-8.
bool is_invisible(std::string_view character) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  const auto last_within = [&](unsigned first, unsigned last) {
    return byte(character.size() - 1) >= first && byte(character.size() - 1) <= last;
  };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  if (character.starts_with("\xC2")) return last_within(0x80, 0x9F);  // C1 controls
  if (character.starts_with("\xE2\x80")) {
    // Marks of direction; line and paragraph separator, embeddings and overrides.
    return last_within(0x8E, 0x8F) || last_within(0xA8, 0xAE);
  }
  if (character.starts_with("\xE2\x81")) return last_within(0xA6, 0xA9);  // isolates
  return character == "\xD8\x9C" || character == "\xEF\xBB\xBF";          // Arabic mark, BOM
}

// Of a character in UTF-8, by its first byte.
std::size_t length_of(char first) noexcept {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

std::string clean_file_name(std::string_view name) {
  name.remove_prefix(std::min(name.find_last_of("/\\") + 1, name.size()));
  const bool is_utf8 = is_valid_utf8(name);
  std::string out;
  while (!name.empty()) {
    const auto character = name.substr(0, is_utf8 ? length_of(name.front()) : 1);
    name.remove_prefix(character.size());
    const bool is_unknown = !is_utf8 && static_cast<unsigned char>(character.front()) >= 0x80;
    if (is_unknown || is_invisible(character)) continue;
    if (out.size() + character.size() > kMostBytes) break;
    out += character;
  }
  if (out == "." || out == "..") out.clear();
  return out;
}

}  // namespace stoa::http
