#include <stoa/core/text.hpp>
#include <stoa/postgres/search_query.hpp>

namespace stoa::pg {
namespace {

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
// Those that migration 0008 takes for blanks.
bool is_sign(char c) noexcept {
  return c > ' ' && c < 0x7f && !is_alphanumeric(c);
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

}  // namespace stoa::pg
