#pragma once
// A URL, taken apart by the parser that the call is made with, so that nothing is called but what was judged. Pure.
#include "infra/fetch/curl.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace stoa::fetch {

struct Target {
  CurlUrl url;
  bool is_tls = true;
  std::string host;  // lower case, an IPv6 address without brackets
  std::uint16_t port = 0;

  // Empty for what is not http or https, names a user, or is longer than 8 KiB.
  static std::optional<Target> parse(const std::string& text);
  // What a Location header of its answer means (RFC 9110 section 10.2.2).
  std::optional<Target> follow(const std::string& location) const;
  bool same_origin(const Target& other) const noexcept {
    return is_tls == other.is_tls && host == other.host && port == other.port;
  }
};

}  // namespace stoa::fetch
