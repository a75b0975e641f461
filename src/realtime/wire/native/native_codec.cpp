#include "realtime/wire/native/native_codec.hpp"

#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/time.hpp>
#include <stoa/core/values.hpp>

#include <charconv>
#include <chrono>

namespace stoa::realtime::native {
namespace {

using websocket::begin_frame;
using websocket::Opcode;

constexpr std::size_t kMaxType = 64;
constexpr std::size_t kMaxId = 128;

// Milliseconds since 1970 as text.
class Stamp {
 public:
  Stamp() {
    const auto ms = std::chrono::duration_cast<Milliseconds>(now().time_since_epoch()).count();
    size_ = static_cast<std::size_t>(std::to_chars(text_, text_ + sizeof text_, ms).ptr - text_);
  }
  std::string_view view() const { return {text_, size_}; }

 private:
  char text_[24];
  std::size_t size_;
};

template <class... Parts>
Frame text_frame(const Parts&... parts) {
  const std::size_t size = (std::string_view(parts).size() + ...);
  FrameBuilder frame = begin_frame(Opcode::text, size);
  (frame.add(std::string_view(parts)), ...);
  return frame.take();
}

// The names of events are literals of our own, without anything to escape.
Frame answer(std::string_view type, std::string_view id, std::string_view payload) {
  const Stamp stamp;
  if (id.empty()) {
    return text_frame("{\"type\":\"", type, "\",\"payload\":", payload,
                      ",\"timestamp\":", stamp.view(), "}");
  }
  return text_frame("{\"type\":\"", type, "\",\"id\":", id, ",\"payload\":", payload,
                    ",\"timestamp\":", stamp.view(), "}");
}

// False: it is neither a number nor a short string.
bool read_id(const Json& id, std::string& out) {
  if (id.is_null()) return true;
  if (id.is_number()) {
    append_json(out, id);
    return true;
  }
  if (!id.is_string()) return false;
  const auto& text = id.get_ref<const std::string&>();
  if (code_points(text) > kMaxId) return false;
  append_json_string(out, text);
  return true;
}

std::optional<Error> read_envelope(std::string_view text, Incoming& out) {
  const auto problem = [](const char* why) { return Error(Code::invalid_message, why); };
  Json id, type;
  const JsonMember members[] = {{"type", &type}, {"id", &id}, {"payload", &out.payload}};
  if (!parse_json_members(text, members)) {
    return problem("A message is an object with type and payload");
  }
  if (!read_id(id, out.id)) return problem("id is a number or a string of at most 128 characters");
  if (!type.is_string()) return problem("type is a string");
  out.type = std::move(type.get_ref<std::string&>());
  if (out.type.empty() || out.type.size() > kMaxType) return problem("There is no such event");
  if (!out.payload.is_object()) return problem("payload is an object");
  return std::nullopt;
}

}  // namespace

Incoming NativeCodec::decode(std::string_view text) const {
  Incoming out;
  try {
    out.problem = read_envelope(text, out);
  } catch (const Error& error) {
    out.problem = Error(Code::invalid_message, error.message());
  }
  return out;
}

Frame NativeCodec::encode_event(std::string_view name, std::string_view payload,
                                std::uint64_t) const {
  return answer(name, {}, payload);
}

Frame NativeCodec::encode_ack(std::string_view id, std::string_view payload) const {
  return answer("ack", id, payload);
}

Frame NativeCodec::encode_error(std::string_view id, const Error& error) const {
  return answer("error", id, error_payload(error));
}

Frame NativeCodec::encode_close(const CloseReason& why) const {
  return websocket::close_frame(why);
}

Frame NativeCodec::encode_ping() const {
  return websocket::control_frame(Opcode::ping, {});
}

}  // namespace stoa::realtime::native
