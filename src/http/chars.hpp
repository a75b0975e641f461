#pragma once
// The character classes of RFC 9110 section 5.6.2 and RFC 3986, and ASCII case. Pure.
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace stoa::http {

namespace detail {

inline constexpr std::uint8_t kToken = 1, kFieldValue = 2, kHost = 4, kTarget = 8, kQuery = 16,
                              kSegment = 32;  // of a path, decoded

consteval std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto mark = [&](std::string_view characters, std::uint8_t bit) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] |= bit;
  };
  for (unsigned c = 0x21; c < 0x7F; ++c) classes[c] |= kFieldValue | kTarget | kQuery;
  for (unsigned c = 0x80; c < 0x100; ++c) classes[c] |= kFieldValue | kQuery;  // obs-text
  for (unsigned c = 0x20; c < 0x100; ++c) {
    if (c != '/' && c != '\\' && c != 0x7F) classes[c] |= kSegment;
  }
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

// The characters of a token in lower case; NUL for the others.
consteval std::array<char, 256> make_lowered() {
  std::array<char, 256> lowered{};
  for (std::size_t c = 0; c < lowered.size(); ++c) {
    if ((kClasses[c] & kToken) == 0) continue;
    lowered[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return lowered;
}

inline constexpr auto kLowered = make_lowered();

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

namespace detail {

// Eight bytes of a text at once. A byte's high bit in what these answer tells whether the byte is one of those; bytes
// above one that is may be mistaken for one.
inline constexpr std::uint64_t kOnes = 0x0101010101010101;
inline constexpr std::uint64_t kHighs = 0x80 * kOnes;

constexpr std::uint64_t equal(std::uint64_t bytes, std::uint8_t value) noexcept {
  const std::uint64_t differing = bytes ^ (value * kOnes);
  return (differing - kOnes) & ~differing;
}

// Those below a space, and DEL.
constexpr std::uint64_t controls(std::uint64_t bytes) noexcept {
  return ((bytes - ' ' * kOnes) | (bytes + kOnes)) & ~bytes;
}

// Whether all bytes have the bit in kClasses. `suspects`: those of a word that may lack it; then each is looked at.
template <class Suspects>
bool all_quickly(std::string_view text, std::uint8_t bit, Suspects suspects) noexcept {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (text.size() < kWord) return all(text, bit);
  const auto suspects_at = [&](std::size_t at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, kWord);
    return suspects(bytes);
  };
  // The last word may overlap the one before.
  std::uint64_t found = suspects_at(text.size() - kWord);
  std::size_t at = 0;
  for (; at + 2 * kWord <= text.size(); at += 2 * kWord) {
    found |= suspects_at(at) | suspects_at(at + kWord);
  }
  if (at + kWord <= text.size()) found |= suspects_at(at);
  return (found & kHighs) == 0 || all(text, bit);
}

}  // namespace detail

// Field values may be long, as tokens are. A tab is a control character that is allowed.
inline bool is_field_value(std::string_view text) noexcept {
  const auto suspects = [](std::uint64_t bytes) { return detail::controls(bytes); };
  return detail::all_quickly(text, detail::kFieldValue, suspects);
}

// The token in lower case; false where it is none.
inline bool lower_token(std::string_view text, std::string& out) {
  out.resize(text.size());
  bool whole = !text.empty();
  for (std::size_t i = 0; i < text.size(); ++i) {
    out[i] = detail::kLowered[static_cast<unsigned char>(text[i])];
    whole = whole && out[i] != '\0';
  }
  return whole;
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
inline bool is_target(std::string_view text) noexcept {
  const auto suspects = [](std::uint64_t bytes) {
    return detail::controls(bytes) | detail::equal(bytes, ' ') | detail::equal(bytes, '#') | bytes;
  };
  const auto path = text.substr(0, text.find('?'));
  return detail::all_quickly(path, detail::kTarget, suspects) &&
         detail::all_quickly(text.substr(path.size()), detail::kQuery, suspects);
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
