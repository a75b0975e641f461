#pragma once
// Reads a client's WebSocket frames (RFC 6455 section 5) out of whatever pieces they arrive in. Pure: no
// socket, no clock, so that it can be fuzzed. It is our own rather than Beast's, because three things are
// wanted that Beast cannot do: all messages of one read are taken in one turn (Beast goes through the event
// loop for each, so that their broadcasts would leave one by one), a bound on the fragments of a message,
// and no buffer at all for a connection that is idle.
//
// Bounded by `max_message` bytes and `max_fragments` frames a message. The first violation is final.
#include <stoa/realtime/hub.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace stoa::realtime::websocket {

struct ReaderLimits {
  std::size_t max_message;
  std::size_t max_fragments;
  bool binary = false;  // binary messages are taken too; else they are a violation
};

struct Step {
  enum class Kind {
    need_more,  // the input is used up
    message,    // `data`: a whole message; valid UTF-8 unless it is binary
    ping,       // `data`: what the pong must carry
    pong,
    close,      // `code`: the client's, 0 without one
    violation,  // `why`: what to close with
  };
  Kind kind = Kind::need_more;
  std::string_view data;  // good until the next call
  bool binary = false;
  std::uint16_t code = 0;
  CloseReason why{0, {}};
};

class FrameReader {
 public:
  explicit FrameReader(ReaderLimits limits) : limits_(limits) {}

  // Takes the next step and advances `input` behind what it used. Unmasks in place.
  Step next(std::span<char>& input);
  // The message that was handed out last, by a move where it had come in several pieces.
  std::string take(std::string_view data);

  // Bytes of memory that hold what came of a message.
  std::size_t held() const noexcept { return message_.empty() ? 0 : message_.capacity(); }
  // Lets go of them; nothing is read any more.
  void release();

 private:
  static constexpr std::uint8_t kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9,
                                kPong = 10;

  bool read_header(std::span<char>& input);
  const CloseReason* check_header() const;
  Step control(std::string_view data);
  Step message(std::string_view data);
  Step violation(const CloseReason& why);
  bool is_control() const noexcept { return opcode_ >= kClose; }

  ReaderLimits limits_;
  std::array<unsigned char, 14> header_{};
  std::uint8_t header_size_ = 0;
  bool in_payload_ = false;
  bool fin_ = false;
  bool broken_ = false;
  bool in_message_ = false;  // a fragmented one has begun
  bool binary_ = false;      // the present message is
  std::uint8_t opcode_ = 0;
  std::array<unsigned char, 4> mask_{};
  std::uint8_t mask_at_ = 0;
  std::size_t fragments_ = 0;
  std::uint64_t left_ = 0;   // of the frame's payload
  std::string message_;      // what came of the present message, where it is not in one piece
  std::string control_;      // what came of the present control frame
  bool handed_out_ = false;  // message_ was, and can go
};

}  // namespace stoa::realtime::websocket
