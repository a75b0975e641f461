#pragma once
// WebSocket framing of a client (RFC 6455, section 5), no more than a measurement needs: whole
// text frames out, a walk over whatever arrived in. Pure functions, usable from any thread.

#include <cstdint>
#include <string>
#include <string_view>

namespace load {

enum Opcode : std::uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA
};

// Appends one masked frame. The key is constant: unpredictable keys protect proxies (section
// 10.3), of which loopback has none, and the server's work is the same for any key.
void append_client_frame(std::string& out, Opcode opcode, std::string_view payload);

// One unmasked frame of exactly `wire_bytes` (16 to 4096), for the bare sender. The length is
// always in its two-byte form, since no minimal header makes a frame of 128 bytes.
std::string make_server_frame(std::size_t wire_bytes);

// Calls visit(opcode, payload) for each whole frame at the front of `data` and returns the bytes
// consumed; the rest is the start of a frame that has not arrived in full.
template <class Visit>
std::size_t walk_frames(std::string_view data, Visit&& visit) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  std::size_t at = 0;
  while (data.size() - at >= 2) {
    std::uint64_t length = bytes[at + 1] & 0x7F;
    std::size_t header = 2;
    if (length == 126) {
      header = 4;
      if (data.size() - at < header) break;
      length = static_cast<std::uint64_t>(bytes[at + 2]) << 8 | bytes[at + 3];
    } else if (length == 127) {
      header = 10;
      if (data.size() - at < header) break;
      length = 0;
      for (std::size_t i = 2; i < 10; ++i) length = length << 8 | bytes[at + i];
    }
    if (data.size() - at - header < length) break;
    const auto opcode = static_cast<std::uint8_t>(bytes[at] & 0x0F);
    visit(opcode, data.substr(at + header, length));
    at += header + length;
  }
  return at;
}

}  // namespace load
