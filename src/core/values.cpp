#include <stoa/core/values.hpp>

#include <algorithm>
#include <array>

#include <boost/url/parse.hpp>

namespace stoa {
namespace {

bool is_atom_char(char c) noexcept {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) noexcept {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atom_char(c); });
}

bool is_domain(std::string_view domain) noexcept {
  std::size_t labels = 0;
  while (true) {
    const auto dot = domain.find('.');
    const auto label = domain.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    const bool fine = std::all_of(label.begin(), label.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (!fine) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels >= 2;
    domain.remove_prefix(dot + 1);
  }
}

// White space beyond ASCII that people paste: no-break space, U+2000..200A, line and paragraph
// separators, ideographic space, byte order mark.
constexpr std::array<std::string_view, 19> kWideSpaces = {
    "\xC2\xA0",     "\xC2\x85",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE3\x80\x80", "\xEF\xBB\xBF"};

bool is_ascii_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// No byte of a wide space is ASCII, and most text begins and ends with what is.
bool may_be_wide(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::optional<Email> Email::parse(std::string_view text) {
  text = trim(text);
  const auto at = text.rfind('@');
  if (text.size() > 254 || at == std::string_view::npos || at > 64) return std::nullopt;
  if (!is_dot_atom(text.substr(0, at)) || !is_domain(text.substr(at + 1))) return std::nullopt;
  return Email{std::string(text)};
}

std::optional<WebUrl> WebUrl::parse(std::string_view text) {
  text = trim(text);
  if (text.size() > 2048) return std::nullopt;
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->host().empty()) return std::nullopt;
  const auto scheme = url->scheme_id();
  if (scheme != boost::urls::scheme::http && scheme != boost::urls::scheme::https) {
    return std::nullopt;
  }
  return WebUrl{std::string(text)};
}

std::size_t code_points(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string_view trim(std::string_view text) noexcept {
  for (bool more = true; more && !text.empty();) {
    more = false;
    if (is_ascii_space(text.front())) {
      text.remove_prefix(1);
      more = true;
      continue;
    }
    if (!may_be_wide(text.front())) break;
    for (const auto space : kWideSpaces) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        more = true;
        break;
      }
    }
  }
  for (bool more = true; more && !text.empty();) {
    more = false;
    if (is_ascii_space(text.back())) {
      text.remove_suffix(1);
      more = true;
      continue;
    }
    if (!may_be_wide(text.back())) break;
    for (const auto space : kWideSpaces) {
      if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        more = true;
        break;
      }
    }
  }
  return text;
}

bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && c != '\t' && c != '\n' && c != '\r') || u == 0x7F;
  });
}

}  // namespace stoa
