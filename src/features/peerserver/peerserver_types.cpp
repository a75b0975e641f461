#include "features/peerserver/peerserver_types.hpp"

#include <stoa/identity/crypto.hpp>

#include <algorithm>

namespace stoa::peerserver {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_peer_id(std::string_view text) noexcept {
  bool part = false;  // a part of at least one character ends here
  for (const char c : text) {
    if (is_plain(c)) {
      part = true;
    } else if (part && (c == ' ' || c == '-' || c == '_')) {
      part = false;
    } else {
      return false;
    }
  }
  return part;
}

std::string make_peer_id() {
  Uuid id;
  const std::string random = identity::random_bytes(id.bytes.size());
  std::copy(random.begin(), random.end(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id.str();
}

std::string members_of(const Message& message) {
  std::string out = "{\"src\":";
  append_json_string(out, message.src);
  out += ",\"dst\":";
  append_json_string(out, message.dst);
  if (!message.payload.empty()) out.append(",\"payload\":").append(message.payload);
  out += '}';
  return out;
}

}  // namespace stoa::peerserver
