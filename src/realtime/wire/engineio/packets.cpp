#include "realtime/wire/engineio/packets.hpp"

#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/base64.hpp>

namespace stoa::realtime::engineio {
namespace {

using websocket::Opcode;

constexpr char kSeparator = '\x1e';

// What a frame of ours carries.
std::string_view payload_of(const Frame& frame) {
  const auto length = static_cast<unsigned char>(frame.view()[1]) & 0x7f;
  const std::size_t header = length == 126 ? 4 : length == 127 ? 10 : 2;
  return frame.view().substr(header);
}

Opcode opcode_of(const Frame& frame) {
  return static_cast<Opcode>(static_cast<unsigned char>(frame.view()[0]) & 0x0f);
}

}  // namespace

std::optional<Packet> PayloadReader::next() {
  const auto end = of_ == Of::polling ? rest_.find(kSeparator) : std::string_view::npos;
  const std::string_view piece = rest_.substr(0, end);
  done_ = end == std::string_view::npos;
  rest_.remove_prefix(done_ ? rest_.size() : end + 1);
  if (piece.empty()) return std::nullopt;
  if (piece.front() >= '0' && piece.front() <= '6') {
    return Packet{static_cast<PacketType>(piece.front()), piece.substr(1)};
  }
  if (piece.front() != 'b') return std::nullopt;
  auto bytes = base64_decode(piece.substr(1));
  if (!bytes) return std::nullopt;
  binary_ = std::move(*bytes);
  return Packet{PacketType::message, binary_, true};
}

Frame text_packet(PacketType type, std::string_view data) {
  return websocket::begin_frame(Opcode::text, 1 + data.size())
      .add(static_cast<char>(type))
      .add(data)
      .take();
}

Frame binary_message(std::string_view data) {
  return websocket::begin_frame(Opcode::binary, data.size()).add(data).take();
}

std::string write_payload(std::span<const Frame> frames) {
  std::string out;
  for (const Frame& frame : frames) {
    const Opcode opcode = opcode_of(frame);
    if (opcode != Opcode::text && opcode != Opcode::binary) continue;
    if (!out.empty()) out += kSeparator;
    if (opcode == Opcode::binary) {
      out.append("b").append(base64_encode(payload_of(frame)));
    } else {
      out.append(payload_of(frame));
    }
  }
  return out;
}

}  // namespace stoa::realtime::engineio
