#pragma once
// The links in mails, and what belongs to them. Pure functions.
#include <stoa/codes/codes.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace stoa::recovery {

// Of the page that the server serves.
inline constexpr std::string_view kResetPage = "reset";
inline constexpr std::string_view kVerifyPage = "verify";

// The token stands behind the #: browsers keep that to themselves, so it is in no log of a server or proxy and in no Referer.
inline std::string link_to(std::string_view public_url, std::string_view page,
                           std::string_view token) {
  std::string link(public_url.substr(0, public_url.find_last_not_of('/') + 1));
  return link.append("/#/").append(page).append("?token=").append(token);
}

inline codes::Purpose lasting(codes::Purpose purpose, Duration time) {
  purpose.ttl = std::chrono::ceil<std::chrono::seconds>(time);
  return purpose;
}

}  // namespace stoa::recovery
