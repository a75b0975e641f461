#include "features/chat/search_words.hpp"

#include <charconv>

namespace stoa::chat {
namespace {

constexpr std::size_t kMaxText = 1000;  // a tsvector keeps 255 places a word

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
// What ends a word and means nothing else, where white space or the end follows.
bool is_mark(char c) noexcept {
  return c == '.' || c == ',' || c == '!' || c == '?' || c == ';' || c == ')';
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::optional<std::string> plain_words(std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 2);
  unsigned place = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    // A word of letters or a whole number, then marks, then white space or the end.
    const std::size_t begin = i;
    const bool of_letters = is_letter(text[i]);
    while (i < text.size() && (of_letters ? is_letter(text[i]) : is_digit(text[i]))) ++i;
    if (i == begin) return std::nullopt;
    if (!out.empty()) out += ' ';
    for (std::size_t at = begin; at < i; ++at) out += lower(text[at]);
    char digits[10];
    const auto end = std::to_chars(digits, digits + sizeof digits, ++place).ptr;
    out += ':';
    out.append(digits, end);
    while (i < text.size() && is_mark(text[i])) {
      if (!of_letters) return std::nullopt;  // "3." and "3)" are for the parser to tell
      ++i;
    }
    if (i < text.size() && !is_space(text[i])) return std::nullopt;
  }
  return out;
}

}  // namespace stoa::chat
