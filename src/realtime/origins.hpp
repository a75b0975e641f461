#pragma once
// Which pages may open sockets: those that the server itself serves, and those that the configuration admits. Immutable, safe
// on any thread.
#include <stoa/core/config.hpp>
#include <stoa/core/page_origin.hpp>

#include <string>
#include <string_view>

namespace stoa::realtime {

class Origins {
 public:
  explicit Origins(const Config& config);

  // `origin` and `host` as the request has them. A page that came from the host that it now calls is the server's own where
  // that host is the server's: server.public_url's, an address, or localhost. Any other name may be a stranger's that
  // leads here (DNS rebinding).
  bool admit(std::string_view origin, std::string_view host) const;

 private:
  bool is_own(std::string_view origin) const;

  OriginList admitted_;
  std::string public_;       // the origin of server.public_url
  std::string public_name_;  // its host
};

}  // namespace stoa::realtime
