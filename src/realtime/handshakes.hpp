#pragma once
// How often one may come. A handshake, or a CONNECT, that shows a token of this server's counts for its user, any other for its
// address; what is refused counts for the address in a table of its own. So whoever has no token, or shows what is none,
// keeps nobody out who has one. Safe on any thread.
#include <stoa/core/ids.hpp>

#include <optional>
#include <string>

namespace stoa::realtime {

struct GatewayState;

// `token`: what is shown, or nothing. Throws Error{rate_limited}.
void count_handshake(GatewayState& gateway, const std::string& address,
                     const std::optional<std::string>& token);
// Of one that is answered with this status: what is no fault of the client's does not count. Throws Error{rate_limited}.
void count_refused(GatewayState& gateway, const std::string& address, int status);

}  // namespace stoa::realtime
