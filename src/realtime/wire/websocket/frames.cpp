#include "realtime/wire/websocket/frames.hpp"

namespace stoa::realtime::websocket {

FrameBuilder begin_frame(Opcode opcode, std::size_t size) {
  const std::size_t more = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  FrameBuilder frame(2 + more + size);
  frame.add(static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode)));
  if (more == 0) return std::move(frame.add(static_cast<char>(size)));
  frame.add(static_cast<char>(more == 2 ? 126 : 127));
  for (std::size_t i = more; i-- > 0;) frame.add(static_cast<char>(size >> (8 * i)));
  return frame;
}

Frame close_frame(const CloseReason& why) {
  if (why.code == 0) return begin_frame(Opcode::close, 0).take();
  const auto text = why.text.substr(0, 123);
  return begin_frame(Opcode::close, 2 + text.size())
      .add(static_cast<char>(why.code >> 8))
      .add(static_cast<char>(why.code))
      .add(text)
      .take();
}

Frame control_frame(Opcode opcode, std::string_view data) {
  return begin_frame(opcode, data.size()).add(data).take();
}

}  // namespace stoa::realtime::websocket
