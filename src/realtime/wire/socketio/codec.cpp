#include "realtime/wire/socketio/codec.hpp"

#include "realtime/wire/socketio/packet.hpp"

#include <stoa/core/json.hpp>

namespace stoa::realtime::socketio {

bool is_final(std::uint16_t code) noexcept {
  return code == kUnauthorized.code || code == kPolicyViolation.code;
}

// The names of events are literals of our own, without anything to escape.
Frame SocketIoCodec::encode_event(std::string_view name, std::string_view payload,
                                  std::uint64_t number) const {
  if (offsets_.empty()) return text_message({"2[\"", name, "\",", payload, "]"});
  const std::string place = std::to_string(number);
  return text_message({"2[\"", name, "\",", payload, ",\"", offsets_, place, "\"]"});
}

Frame SocketIoCodec::encode_ack(std::string_view id, std::string_view payload) const {
  // Only signing in is answered unasked.
  if (id.empty()) return text_message({"2[\"authenticated\",", payload, "]"});
  return text_message({"3", id, "[", payload, "]"});
}

Frame SocketIoCodec::encode_error(std::string_view id, const Error& error) const {
  std::string payload = error_payload(error);
  if (id.empty()) return text_message({"2[\"error\",", payload, "]"});
  return text_message({"3", id, "[{\"error\":", payload, "}]"});
}

Frame SocketIoCodec::encode_close(const CloseReason& why) const {
  return is_final(why.code) ? text_message({"1"}) : Frame();
}

}  // namespace stoa::realtime::socketio
