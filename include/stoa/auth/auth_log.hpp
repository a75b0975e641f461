#pragma once
// Authentication events are always logged; never what somebody typed.
#include <stoa/core/caller.hpp>
#include <stoa/core/log.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace stoa::auth {

inline void log_event(std::string_view event, const std::optional<UserId>& user,
                      const Client& client) {
  const std::string id = user ? user->str() : "";
  log::info(event, {{"userId", user ? log::Value(id) : log::Value(nullptr)},
                    {"client", client.address},
                    {"userAgent", client.user_agent},
                    {"requestId", client.request_id}});
}

}  // namespace stoa::auth
