#include "features/chat/search_words.hpp"

#include <stoa/core/text.hpp>

#include <array>
#include <charconv>

namespace stoa::chat {
namespace {

constexpr std::size_t kMaxText = 2000;  // a word has at most 2,046 bytes
constexpr unsigned kMaxWords = 255;
static_assert(kMaxWords < 1000, "a place has at most three digits");

bool is_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80;
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Of a letter or digit as a small one, of anything else 0.
constexpr std::array<char, 256> kSmall = [] {
  std::array<char, 256> small{};
  for (char c = '0'; c <= '9'; ++c) small[static_cast<unsigned char>(c)] = c;
  for (char c = 'a'; c <= 'z'; ++c) {
    small[static_cast<unsigned char>(c)] = c;
    small[static_cast<unsigned char>(c - 'a' + 'A')] = c;
  }
  return small;
}();

char small(char c) noexcept {
  return kSmall[static_cast<unsigned char>(c)];
}

bool is_alphanumeric(char c) noexcept {
  return small(c) != 0;
}
bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
// Those that migration 0008 takes for blanks.
bool is_sign(char c) noexcept {
  return c > ' ' && c < 0x7f && !is_alphanumeric(c);
}

// Digits, e, digits, and then something else.
bool begins_with_exponent(std::string_view word) noexcept {
  std::size_t i = 0;
  while (i < word.size() && is_digit(word[i])) ++i;
  if (i == 0 || i == word.size() || small(word[i]) != 'e') return false;
  const std::size_t exponent = ++i;
  while (i < word.size() && is_digit(word[i])) ++i;
  return i > exponent && i < word.size();
}

// The parts of a word between its signs, with blanks between them.
std::string without_signs(std::string_view word) {
  std::string out;
  bool is_apart = false;
  for (const char c : word) {
    if (is_sign(c)) {
      is_apart = true;
      continue;
    }
    if (is_apart && !out.empty()) out += ' ';
    is_apart = false;
    out += c;
  }
  return out;
}

}  // namespace

std::optional<std::string> plain_words(std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  // Of each word its letters, a colon, at most three digits and a blank.
  std::array<char, kMaxText + kMaxWords * 5> out;
  char* end = out.data();
  unsigned place = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    if (!is_alphanumeric(text[i])) {
      if (!is_ascii(text[i])) return std::nullopt;
      ++i;
      continue;
    }
    if (++place > kMaxWords) return std::nullopt;
    if (place > 1) *end++ = ' ';
    const std::size_t begin = i;
    for (; i < text.size() && is_alphanumeric(text[i]); ++i) *end++ = small(text[i]);
    if (begins_with_exponent(text.substr(begin, i - begin))) return std::nullopt;
    *end++ = ':';
    end = std::to_chars(end, out.data() + out.size(), place).ptr;
  }
  return std::string(out.data(), end);
}

std::string search_query(std::string_view text) {
  std::string out;
  bool is_quoted = false;
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] == '"') {
      is_quoted = !is_quoted;
      out += '"';
      ++i;
    } else if (is_quoted || is_space(text[i])) {
      out += is_sign(text[i]) ? ' ' : text[i];
      ++i;
    } else {
      const std::size_t begin = i;
      while (i < text.size() && text[i] != '"' && !is_space(text[i])) ++i;
      const std::string word = without_signs(text.substr(begin, i - begin));
      const bool opens_phrase =
          word.empty() && i < text.size() && text[i] == '"' && text[i - 1] == '-';
      if (opens_phrase || (!word.empty() && text[begin] == '-')) out += '-';
      if (word.find(' ') != std::string::npos || !runs_without_spaces(word).empty()) {
        out += '"' + word + '"';
      } else {
        out += word;
      }
    }
  }
  return out;
}

}  // namespace stoa::chat
