#pragma once
// How often one may come. A handshake, or a CONNECT, that shows a token of this server's counts for its sign-in, any other for its
// address. So whoever has no token, or shows what is none, keeps nobody out who has one. What is refused before it costs the
// database anything counts nowhere: its refusal is all that it costs. Safe on any thread.
#include <stoa/core/ids.hpp>

#include <optional>
#include <string>

namespace stoa::realtime {

struct GatewayState;

// `token`: what is shown, or nothing. Answers what it counts for; empty: the address. Throws Error{rate_limited}.
std::optional<Uuid> count_handshake(GatewayState& gateway, const std::string& address,
                                    const std::optional<std::string>& token);

}  // namespace stoa::realtime
