#pragma once
// Which other services may be called, as a configuration names them: "example.org" (https on port 443), "*.example.org" (all
// below it), "*" (any host), "https://example.org:8443", "http://10.0.0.7:9000". Scheme and port have to be the same, so
// that nothing is called in the clear unless that was written. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

struct OriginPattern {
  bool is_tls = true;
  std::string
      host;  // lower case, an IPv6 address without brackets; "*" first where it stands for more
  std::uint16_t port = 443;

  // Of a URL with a path too, which does not count: what a feature calls is often configured as one. Empty for anything
  // else; a URL with a user or password too.
  static std::optional<OriginPattern> parse(std::string_view text);
  // `to` in lower case, without brackets.
  bool matches(bool tls, std::string_view to, std::uint16_t at) const noexcept;
};

}  // namespace stoa
