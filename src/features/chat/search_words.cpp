#include "features/chat/search_words.hpp"

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

// Digits, e, digits, and then something else.
bool begins_with_exponent(std::string_view word) noexcept {
  std::size_t i = 0;
  while (i < word.size() && is_digit(word[i])) ++i;
  if (i == 0 || i == word.size() || small(word[i]) != 'e') return false;
  const std::size_t exponent = ++i;
  while (i < word.size() && is_digit(word[i])) ++i;
  return i > exponent && i < word.size();
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

}  // namespace stoa::chat
