#include <stoa/core/page_origin.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <arpa/inet.h>

namespace stoa {
namespace {

constexpr std::size_t kLongestName = 253;  // of a name in DNS

bool is_letter(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_scheme(std::string_view text) noexcept {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
         });
}

// Browsers write numbers as a whole address: "127.1" is none that they send.
bool ends_in_a_number(std::string_view host) noexcept {
  const auto last = host.substr(host.rfind('.') + 1);
  return !last.empty() && std::all_of(last.begin(), last.end(), is_digit);
}

bool is_page_host(const std::string& host) noexcept {
  if (host.size() > kLongestName) return false;
  if (ends_in_a_number(host)) {
    std::array<unsigned char, 4> bytes;
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1;
  }
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

// The one way to write an IPv6 address, without brackets.
std::optional<std::string> shortest_v6(const std::string& v6) {
  std::array<unsigned char, 16> bytes;
  std::array<char, INET6_ADDRSTRLEN> text;
  if (inet_pton(AF_INET6, v6.c_str(), bytes.data()) != 1) return std::nullopt;
  if (inet_ntop(AF_INET6, bytes.data(), text.data(), text.size()) == nullptr) return std::nullopt;
  return text.data();
}

// Takes the host from the front of `rest`.
std::optional<std::string> take_host(std::string_view& rest) {
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto address = shortest_v6(std::string(rest.substr(1, end - 1)));
    if (!address) return std::nullopt;
    rest.remove_prefix(end + 1);
    return "[" + *address + "]";
  }
  std::string host(rest.substr(0, rest.find(':')));
  rest.remove_prefix(host.size());
  return is_page_host(host) ? std::optional(std::move(host)) : std::nullopt;
}

}  // namespace

std::optional<std::string> canonical_origin(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (lower == "null") return lower;
  const auto colon = lower.find("://");
  if (colon == std::string::npos) return std::nullopt;
  const std::string_view scheme = std::string_view(lower).substr(0, colon);
  if (!is_scheme(scheme) || scheme == "ws" || scheme == "wss") return std::nullopt;
  std::string_view rest = std::string_view(lower).substr(colon + 3);
  const auto host = take_host(rest);
  const std::uint16_t usual = scheme == "http" ? 80 : scheme == "https" ? 443 : 0;
  // "file://" has none, and some applications call theirs ".".
  if (!host || (usual != 0 && (host->empty() || host->front() == '.'))) return std::nullopt;
  std::string out(scheme);
  out.append("://").append(*host);
  if (rest.empty()) return out;
  if (!rest.starts_with(':')) return std::nullopt;
  rest.remove_prefix(1);
  std::uint16_t port = 0;
  const char* end = rest.data() + rest.size();
  const auto [read, error] = std::from_chars(rest.data(), end, port);
  if (error != std::errc{} || read != end || port == 0) return std::nullopt;
  if (port != usual) out.append(":").append(std::to_string(port));
  return out;
}

std::optional<std::string> origin_of_url(std::string_view url) {
  const auto slashes = url.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  return canonical_origin(url.substr(0, url.find_first_of("/?#", slashes + 3)));
}

OriginList::OriginList(std::span<const std::string> configured) {
  for (const auto& one : configured) {
    if (one == "*") {
      any_ = true;
    } else if (auto origin = canonical_origin(one)) {
      named_.push_back(std::move(*origin));
    }
  }
}

OriginList::Match OriginList::match(std::string_view origin) const {
  const auto has = [this](std::string_view one) {
    return std::find(named_.begin(), named_.end(), one) != named_.end();
  };
  if (has(origin)) return Match::named;
  if (!named_.empty()) {
    const auto canonical = canonical_origin(origin);
    if (canonical && has(*canonical)) return Match::named;
  }
  return any_ ? Match::any : Match::none;
}

}  // namespace stoa
