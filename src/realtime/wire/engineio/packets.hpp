#pragma once
// Engine.IO 4's packets (the protocol page of engine.io, "Encoding"): one leading digit over WebSocket; in a
// polling payload joined by U+001E, binary as "b" and base64. Outgoing packets are kept as the WebSocket frames
// that they are there; a polling answer is made out of them. Pure functions.
#include "realtime/frame.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stoa::realtime::engineio {

enum class PacketType : char {
  open = '0',
  close = '1',
  ping = '2',
  pong = '3',
  message = '4',
  upgrade = '5',
  noop = '6',
};

struct Packet {
  PacketType type;
  std::string_view data;  // behind the digit; of a binary message all of it
  bool binary = false;
};

// Takes the packets of a polling payload one after another, or the one of a WebSocket's text frame.
class PayloadReader {
 public:
  enum class Of { polling, websocket };
  PayloadReader(std::string_view payload, Of of) : rest_(payload), of_(of) {}
  bool done() const noexcept { return done_; }
  // Empty: this piece is no packet. `data` is good until the next call.
  std::optional<Packet> next();

 private:
  std::string_view rest_;
  Of of_;
  std::string binary_;
  bool done_ = false;
};

Frame text_packet(PacketType type, std::string_view data = {});
Frame binary_message(std::string_view data);

// The body of the answer to a poll. Frames of WebSocket's own (close) are left out.
std::string write_payload(std::span<const Frame> frames);

}  // namespace stoa::realtime::engineio
