#include <stoa/core/origin_pattern.hpp>

#include <algorithm>
#include <charconv>

namespace stoa {
namespace {

constexpr std::size_t kLongestHost = 253;  // of a name in DNS

bool is_name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_v6_char(char c) noexcept {
  return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

// "name", "*" or "*.name".
bool is_host(std::string_view host) {
  if (host == "*") return true;
  if (host.starts_with("*.")) host.remove_prefix(2);
  return !host.empty() && host.size() <= kLongestHost && host.front() != '.' &&
         host.back() != '.' && std::all_of(host.begin(), host.end(), is_name_char);
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<OriginPattern> OriginPattern::parse(std::string_view text) {
  OriginPattern pattern;
  if (take_prefix(text, "http://")) {
    pattern.is_tls = false;
    pattern.port = 80;
  } else {
    take_prefix(text, "https://");
  }
  text = text.substr(0, text.find_first_of("/?#"));

  std::string_view port;
  bool has_port = false;
  const bool is_v6 = take_prefix(text, "[");
  if (is_v6) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    pattern.host = text.substr(0, end);
    text.remove_prefix(end + 1);
    has_port = take_prefix(text, ":");
    port = text;
    if (!has_port && !port.empty()) return std::nullopt;
  } else {
    const auto colon = text.find(':');
    pattern.host = text.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
  }
  for (char& c : pattern.host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const bool is_known = is_v6 ? !pattern.host.empty() && std::all_of(pattern.host.begin(),
                                                                     pattern.host.end(), is_v6_char)
                              : is_host(pattern.host);
  if (!is_known) return std::nullopt;
  if (has_port) {
    const char* end = port.data() + port.size();
    const auto [read, error] = std::from_chars(port.data(), end, pattern.port);
    if (error != std::errc{} || read != end || pattern.port == 0) return std::nullopt;
  }
  return pattern;
}

bool OriginPattern::matches(bool tls, std::string_view to, std::uint16_t at) const noexcept {
  if (tls != is_tls || at != port) return false;
  if (host == "*") return true;
  if (!host.starts_with("*.")) return to == host;
  const std::string_view end = std::string_view(host).substr(1);
  return to.size() > end.size() && to.ends_with(end);
}

}  // namespace stoa
