#pragma once
// `stoa audit`: what an operator reads of who did what to what. As in commands.hpp.
#include <stoa/core/config.hpp>

#include <optional>
#include <string>

namespace stoa::app {

struct AuditListing {
  std::optional<std::string> actor;  // a user's address, or an id
  std::optional<std::string>
      target;  // an id: what was acted on, or where that was; or a user's address
  std::optional<std::string> since;  // RFC 3339
  int limit = 100;
};
int list_audit(const Config& config, const AuditListing& listing);

}  // namespace stoa::app
