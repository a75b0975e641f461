#pragma once
// A server's WebSocket frames (RFC 6455 section 5.2): never masked, never fragmented. Pure functions for
// the codecs that travel over WebSocket.
#include "realtime/frame.hpp"

#include <stoa/realtime/hub.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stoa::realtime::websocket {

enum class Opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// A builder for a frame with `size` bytes of payload; the header is in it already.
FrameBuilder begin_frame(Opcode opcode, std::size_t size);
// Without a code when it is 0; the text is cut at 123 bytes.
Frame close_frame(const CloseReason& why);
// `data` is at most 125 bytes.
Frame control_frame(Opcode opcode, std::string_view data);

}  // namespace stoa::realtime::websocket
