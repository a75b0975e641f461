// Texts in headers.
#include <stoa/core/base64.hpp>
#include <stoa/core/text.hpp>
#include <stoa/smtp/message.hpp>

#include <algorithm>

namespace stoa::smtp {
namespace {

constexpr std::size_t kWordLine =
    76;  // bytes of a line that has an encoded word (RFC 2047 section 2)
// Of text in one word, so that a word, its brackets and any header's name stay below that.
constexpr std::size_t kWord = 39;

bool is_plain(std::string_view text) {
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  return std::all_of(text.begin(), text.end(), is_printable) &&
         text.find("=?") == std::string_view::npos && !text.starts_with(' ') &&
         !text.ends_with(' ');
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string header_text(std::string_view given, std::size_t used) {
  const std::string text = one_line(given);
  if (is_plain(text) && used + text.size() <= kWordLine) return text;
  std::string out;
  for (std::size_t from = 0; from < text.size();) {
    std::size_t size = std::min(kWord, text.size() - from);
    while (size > 1 && from + size < text.size() && continues_character(text[from + size])) --size;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64_encode(std::string_view(text).substr(from, size)) + "?=";
    from += size;
  }
  return out;
}

}  // namespace stoa::smtp
