#include "realtime/origins.hpp"

#include <array>

#include <arpa/inet.h>

namespace stoa::realtime {
namespace {

// Of an origin, or what stands behind its "://"; with the brackets of an IPv6 address.
std::string_view name_of(std::string_view origin) {
  if (const auto slashes = origin.find("://"); slashes != std::string_view::npos) {
    origin.remove_prefix(slashes + 3);
  }
  return origin.substr(0, origin.starts_with('[') ? origin.find(']') + 1 : origin.find(':'));
}

bool is_ipv4(std::string_view name) {
  std::array<unsigned char, 4> bytes;
  return inet_pton(AF_INET, std::string(name).c_str(), bytes.data()) == 1;
}

}  // namespace

Origins::Origins(const Config& config)
    : admitted_(config.realtime.origins),
      public_(origin_of_url(config.server.public_url).value_or("")),
      public_name_(name_of(public_)) {}

bool Origins::admit(std::string_view origin, std::string_view host) const {
  if (admitted_.match(origin) != OriginList::Match::none) return true;
  const auto page = canonical_origin(origin);
  if (!page) return false;
  if (*page == public_) return true;
  const std::string_view scheme = std::string_view(*page).substr(0, page->find("://"));
  if (scheme != "http" && scheme != "https") return false;
  const auto own = canonical_origin(std::string(scheme).append("://").append(host));
  return own && *own == *page && is_own(*own);
}

bool Origins::is_own(std::string_view origin) const {
  const auto name = name_of(origin);
  return name == public_name_ || name == "localhost" || name.ends_with(".localhost") ||
         name.starts_with('[') || is_ipv4(name);
}

}  // namespace stoa::realtime
