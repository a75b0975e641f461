#pragma once
// The character classes of RFC 9110 section 5.6.2 and RFC 3986, and ASCII case. Pure.
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace stoa::http {

namespace detail {

inline constexpr std::uint8_t kToken = 1, kFieldValue = 2, kHost = 4, kTarget = 8, kQuery = 16;

consteval std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto mark = [&](std::string_view characters, std::uint8_t bit) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] |= bit;
  };
  for (unsigned c = 0x21; c < 0x7F; ++c) classes[c] |= kFieldValue | kTarget | kQuery;
  for (unsigned c = 0x80; c < 0x100; ++c) classes[c] |= kFieldValue | kQuery;  // obs-text
  classes[' '] |= kFieldValue;
  classes['\t'] |= kFieldValue;
  classes['#'] = static_cast<std::uint8_t>(classes['#'] & ~(kTarget | kQuery));
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] |= kToken | kHost;
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] |= kToken | kHost;
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] |= kToken | kHost;
  mark("!#$%&'*+-.^_`|~", kToken);
  mark("-._~:[]%", kHost);
  return classes;
}

inline constexpr auto kClasses = make_classes();

constexpr bool is(char c, std::uint8_t bit) noexcept {
  return (kClasses[static_cast<unsigned char>(c)] & bit) != 0;
}
constexpr bool all(std::string_view text, std::uint8_t bit) noexcept {
  for (const char c : text) {
    if (!is(c, bit)) return false;
  }
  return true;
}

}  // namespace detail

constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && detail::all(text, detail::kToken);
}

// Field values may be long, as tokens are: eight bytes at a time. A byte's high bit tells whether it is a control
// character; those above one that is may be mistaken for one, and a tab is one that is allowed: then each is looked at.
inline bool is_field_value(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t bytes = 0;
  while (text.size() >= sizeof bytes) {
    std::memcpy(&bytes, text.data(), sizeof bytes);
    const std::uint64_t deletes = bytes ^ (0x7F * kOnes);
    const std::uint64_t found =
        (((bytes - 0x20 * kOnes) & ~bytes) | ((deletes - kOnes) & ~deletes)) & (0x80 * kOnes);
    if (found != 0 && !detail::all(text.substr(0, sizeof bytes), detail::kFieldValue)) return false;
    text.remove_prefix(sizeof bytes);
  }
  return detail::all(text, detail::kFieldValue);
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// `word` in lower case.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view word) noexcept {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != word[i]) return false;
  }
  return true;
}

// The characters of a request's target. Some clients leave bytes beyond ASCII as they are in a query, which takes nothing
// apart.
constexpr bool is_target(std::string_view text) noexcept {
  const auto path = text.substr(0, text.find('?'));
  return detail::all(path, detail::kTarget) &&
         detail::all(text.substr(path.size()), detail::kQuery);
}

// Without spaces and tabs at both ends (OWS).
constexpr std::string_view trim_ows(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls f(trimmed element) for each element of a comma list (RFC 9110 section 5.6.1).
template <class F>
constexpr void for_each_element(std::string_view list, F&& f) {
  while (true) {
    const auto comma = list.find(',');
    const auto element = trim_ows(list.substr(0, comma));
    if (!element.empty()) f(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace stoa::http
