#include "realtime/wire/websocket/frame_reader.hpp"

#include <stoa/core/memory.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace stoa::realtime::websocket {
namespace {

constexpr CloseReason kTooManyFragments{1008, "too many fragments"};
constexpr std::size_t kMaxControl = 125;

// `at` is the place in the mask of the first byte.
void unmask(std::span<char> data, const std::array<unsigned char, 4>& mask, std::size_t at) {
  std::array<unsigned char, 8> turned;
  for (std::size_t i = 0; i < 8; ++i) turned[i] = mask[(at + i) % 4];
  std::uint64_t wide = 0;
  std::memcpy(&wide, turned.data(), 8);
  std::size_t i = 0;
  for (; i + 8 <= data.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data() + i, 8);
    word ^= wide;
    std::memcpy(data.data() + i, &word, 8);
  }
  for (; i < data.size(); ++i)
    data[i] = static_cast<char>(data[i] ^ static_cast<char>(turned[i % 8]));
}

std::string_view view(std::span<const char> data) {
  return {data.data(), data.size()};
}

// RFC 6455 section 7.4 and what IANA registered since.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

Step FrameReader::violation(const CloseReason& why) {
  broken_ = true;
  give_back(message_);
  Step step;
  step.kind = Step::Kind::violation;
  step.why = why;
  return step;
}

// True once the header is whole: two bytes, then the longer length, then the mask.
bool FrameReader::read_header(std::span<char>& input) {
  const auto want = [this] {
    if (header_size_ < 2) return std::size_t{2};
    const unsigned length = header_[1] & 0x7f;
    const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
    return 2 + more + ((header_[1] & 0x80) != 0 ? 4 : 0);
  };
  while (header_size_ < want()) {
    if (input.empty()) return false;
    header_[header_size_++] = static_cast<unsigned char>(input.front());
    input = input.subspan(1);
  }
  const std::size_t size = header_size_;
  const unsigned length = header_[1] & 0x7f;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  left_ = length;
  if (more > 0) {
    left_ = 0;
    for (std::size_t i = 0; i < more; ++i) left_ = left_ << 8 | header_[2 + i];
  }
  if ((header_[1] & 0x80) != 0)
    std::copy_n(header_.begin() + static_cast<long>(size - 4), 4, mask_.begin());
  fin_ = (header_[0] & 0x80) != 0;
  opcode_ = header_[0] & 0x0f;
  mask_at_ = 0;
  return true;
}

// What is wrong with the frame that the header announces; null: nothing.
const CloseReason* FrameReader::check_header() const {
  const unsigned length = header_[1] & 0x7f;
  const bool reserved_bits = (header_[0] & 0x70) != 0;
  const bool masked = (header_[1] & 0x80) != 0;
  const bool known = opcode_ <= kBinary || (opcode_ >= kClose && opcode_ <= kPong);
  if (reserved_bits || !masked || !known) return &kProtocolError;
  const bool longest_needed = length != 127 || (left_ > 0xffff && left_ >> 63 == 0);
  const bool longer_needed = length != 126 || left_ > 125;
  if (!longest_needed || !longer_needed) return &kProtocolError;
  if (is_control()) return !fin_ || left_ > kMaxControl ? &kProtocolError : nullptr;
  if (in_message_ != (opcode_ == kContinuation)) return &kProtocolError;
  if (opcode_ == kBinary && !limits_.binary) return &kUnsupportedData;
  if (fragments_ >= limits_.max_fragments) return &kTooManyFragments;
  if (left_ > limits_.max_message || message_.size() + left_ > limits_.max_message) return &kTooBig;
  return nullptr;
}

Step FrameReader::control(std::string_view data) {
  Step step;
  step.data = data;
  if (opcode_ == kPing) {
    step.kind = Step::Kind::ping;
  } else if (opcode_ == kPong) {
    step.kind = Step::Kind::pong;
  } else {
    step.kind = Step::Kind::close;
    if (data.size() == 1) return violation(kProtocolError);
    if (data.size() >= 2) {
      step.code = static_cast<std::uint16_t>(static_cast<unsigned char>(data[0]) << 8 |
                                             static_cast<unsigned char>(data[1]));
      if (!may_be_sent(step.code)) return violation(kProtocolError);
      if (!is_valid_utf8(data.substr(2))) return violation(kInvalidUtf8);
    }
    broken_ = true;  // nothing may follow
  }
  return step;
}

Step FrameReader::message(std::string_view data) {
  in_message_ = false;
  fragments_ = 0;
  if (!binary_ && !is_valid_utf8(data)) return violation(kInvalidUtf8);
  Step step;
  step.binary = binary_;
  step.kind = Step::Kind::message;
  step.data = data;
  return step;
}

Step FrameReader::next(std::span<char>& input) {
  if (broken_) {
    input = {};
    return {};
  }
  if (handed_out_) {
    handed_out_ = false;
    give_back(message_);
  }
  for (;;) {
    if (!in_payload_) {
      if (header_size_ == 0) give_back(control_);
      if (!read_header(input)) return {};
      if (const CloseReason* why = check_header()) return violation(*why);
      header_size_ = 0;
      in_payload_ = true;
      if (!is_control()) ++fragments_;
      if (opcode_ == kText || opcode_ == kBinary) binary_ = opcode_ == kBinary;
    }
    const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    const auto part = input.first(here);
    unmask(part, mask_, mask_at_);
    input = input.subspan(here);
    left_ -= here;
    mask_at_ = static_cast<std::uint8_t>((mask_at_ + here) % 4);
    in_payload_ = left_ > 0;
    std::string& earlier = is_control() ? control_ : message_;
    // What came in one piece is handed out where it lies.
    if (!in_payload_ && fin_ && earlier.empty()) {
      return is_control() ? control(view(part)) : message(view(part));
    }
    earlier.append(part.data(), part.size());
    if (in_payload_) return {};
    if (is_control()) return control(control_);
    if (fin_) {
      handed_out_ = true;
      return message(message_);
    }
    in_message_ = true;
  }
}

std::string FrameReader::take(std::string_view data) {
  if (!std::exchange(handed_out_, false)) return std::string(data);
  return std::exchange(message_, {});
}

void FrameReader::release() {
  broken_ = true;
  handed_out_ = false;
  give_back(message_);
}

}  // namespace stoa::realtime::websocket
