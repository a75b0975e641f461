#pragma once
// Where a native client's token may come along with its handshake. Pure functions.
#include "realtime/wire/websocket/handshake.hpp"

#include <optional>
#include <string>

namespace stoa::realtime::native {

inline constexpr std::string_view kProtocol = "stoa.v1";

struct Handshake {
  std::optional<std::string> token;
  bool offers_protocol = false;  // stoa.v1 is offered, and has to be answered
};

// In this order: `Authorization: Bearer`, ?token=, ?access_token=, ?ticket=, and the subprotocol `bearer.<token>`
// that a browser can send beside `stoa.v1`. The first one counts; an empty one counts as none.
Handshake read_handshake(const websocket::UpgradeRequest& request);

}  // namespace stoa::realtime::native
