#include <stoa/core/page_origin.hpp>
#include <stoa/core/text.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <utility>

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

// Bytes beyond ASCII, or a label that stands for such (RFC 5890).
bool is_international(std::string_view domain) noexcept {
  const auto is_wide = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::any_of(domain.begin(), domain.end(), is_wide)) return true;
  while (true) {
    const auto prefix = domain.substr(0, 4);
    if (prefix.size() == 4 && (prefix[0] | 0x20) == 'x' && (prefix[1] | 0x20) == 'n' &&
        prefix.substr(2) == "--") {
      return true;
    }
    const auto dot = domain.find('.');
    if (dot == std::string_view::npos) return false;
    domain.remove_prefix(dot + 1);
  }
}

// What stands in addresses that people copy and in none of RFC 3986: browsers keep some of it as it is.
bool is_to_be_escaped(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view(" \"<>[]^`{|}").find(c) != std::string_view::npos;
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_to_be_escaped(c)) {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
}

// An address as RFC 3986 writes it: what is behind its host with escapes, and its host in A-labels. What has no host is left.
std::optional<std::string> canonical_url(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::string(text);
  const auto begin = scheme + 3;
  const auto end = std::min(text.find_first_of("/?#", begin), text.size());
  std::string out(text.substr(0, begin));
  const auto host = text.substr(begin, end - begin);
  if (is_international(host)) {
    const auto colon = std::min(host.find(':'), host.size());
    const auto ascii = ascii_domain(host.substr(0, colon));
    if (!ascii) return std::nullopt;
    out.append(*ascii).append(host.substr(colon));
  } else {
    out += host;
  }
  append_escaped(out, text.substr(end));
  return out;
}

}  // namespace

std::optional<Email> Email::parse(std::string_view text) {
  constexpr std::size_t kMost = 254;
  text = trim(text);
  const auto at = text.rfind('@');
  if (text.size() > kMost || at == std::string_view::npos || at > 64) return std::nullopt;
  const auto domain = text.substr(at + 1);
  std::string address(text);
  if (is_international(domain)) {
    const auto ascii = ascii_domain(domain);
    if (!ascii) return std::nullopt;
    address.replace(at + 1, domain.size(), *ascii);
  }
  const std::string_view view = address;
  if (view.size() > kMost) return std::nullopt;
  if (!is_dot_atom(view.substr(0, at)) || !is_domain(view.substr(at + 1))) return std::nullopt;
  return Email{std::move(address)};
}

std::optional<WebUrl> WebUrl::parse(std::string_view text) {
  constexpr std::size_t kMost = 2048;
  text = trim(text);
  if (text.size() > kMost) return std::nullopt;
  auto address = canonical_url(text);
  if (!address || address->size() > kMost) return std::nullopt;
  const auto url = boost::urls::parse_uri(*address);
  if (!url || url->host().empty()) return std::nullopt;
  const auto scheme = url->scheme_id();
  if (scheme != boost::urls::scheme::http && scheme != boost::urls::scheme::https) {
    return std::nullopt;
  }
  // RFC 3986 has hosts and ports that no browser takes: `new URL(address)` would throw on a page.
  if (!canonical_origin(std::string_view(url->encoded_origin()))) return std::nullopt;
  return WebUrl{std::move(*address)};
}

std::size_t code_points(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && c != '\t' && c != '\n' && c != '\r') || u == 0x7F;
  });
}

}  // namespace stoa
