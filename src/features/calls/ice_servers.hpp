#pragma once
// The STUN and TURN servers that a client is told of. TURN credentials are made for each user and
// expire, as coturn's "REST API for access to TURN services" (static-auth-secret) expects them:
// username = expiry in Unix seconds ":" user id, credential = base64(HMAC-SHA1(secret, username)).
// Pure functions.
#include "features/calls/calls_types.hpp"

#include <stoa/calls/calls_config.hpp>

#include <string>
#include <string_view>

namespace stoa::calls {

std::string turn_credential(std::string_view secret, std::string_view username);
IceServers ice_servers_for(UserId user, const TurnConfig& config, Timestamp now);

}  // namespace stoa::calls
