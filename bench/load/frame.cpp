#include "frame.hpp"

#include <array>

namespace load {
namespace {

constexpr std::array<unsigned char, 4> kMask{0x53, 0x74, 0x6F, 0x61};

void append_masked_length(std::string& out, std::size_t length) {
  if (length < 126) {
    out.push_back(static_cast<char>(0x80 | length));
  } else if (length < 65536) {
    out.push_back(static_cast<char>(0x80 | 126));
    out.push_back(static_cast<char>(length >> 8));
    out.push_back(static_cast<char>(length));
  } else {
    out.push_back(static_cast<char>(0x80 | 127));
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift));
  }
}

}  // namespace

void append_client_frame(std::string& out, Opcode opcode, std::string_view payload) {
  out.push_back(static_cast<char>(0x80 | opcode));
  append_masked_length(out, payload.size());
  out.append(reinterpret_cast<const char*>(kMask.data()), kMask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(payload[i]) ^ kMask[i & 3]));
  }
}

std::string make_server_frame(std::size_t wire_bytes) {
  const std::size_t length = wire_bytes - 4;
  std::string frame{static_cast<char>(0x80 | kText), 126, static_cast<char>(length >> 8),
                    static_cast<char>(length)};
  frame.append(length, 'x');
  return frame;
}

}  // namespace load
