#include "realtime/wire/native/native_codec.hpp"

#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/json_skim.hpp>
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
constexpr std::size_t kMaxIdText = 12 * kMaxId + 2;  // each of them escaped as two

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
bool read_id(JsonView id, std::string& out) {
  switch (id.type()) {
    case JsonType::null:
      return true;
    case JsonType::string:
      if (code_points(id.string()) > kMaxId) return false;
      append_json_string(out, id.string());
      return true;
    case JsonType::natural:
      append_json_number(out, id.natural());
      return true;
    case JsonType::negative:
      append_json_number(out, id.negative());
      return true;
    case JsonType::real:
      append_json(out, id.copy());
      return true;
    default:
      return false;
  }
}

// What `say` tells of a member of the envelope.
template <class Say>
Error problem(std::string_view member, Say&& say) {
  Issues issues;
  issues.enter(member);
  say(issues);
  return invalid_format(issues);
}

std::optional<Error> read_head(JsonView members, Incoming& out) {
  if (!members.is_object()) return invalid_format("A message is an object with type and payload");
  const auto id = members.find("id");
  if (id && !read_id(*id, out.id)) {
    return problem("id", [](Issues& issues) {
      issues.add("invalid_union", "id is a number or a string of at most 128 characters");
    });
  }
  const auto type = members.find("type");
  if (!type || !type->is_string()) {
    return problem("type", [&type](Issues& issues) {
      type ? issues.invalid_type("string", *type) : issues.required("string");
    });
  }
  out.type = type->string();
  if (out.type.empty() || out.type.size() > kMaxType) {
    return no_such_event(std::string_view(out.type).substr(0, kMaxType));
  }
  return std::nullopt;
}

std::optional<Error> read_envelope(std::string_view text, Incoming& out) {
  JsonDocument envelope = parse_json_document(text);
  if (auto wrong = read_head(envelope.view(), out)) return wrong;
  if (!envelope.select("payload")) envelope = Json::object();
  if (!envelope.view().is_object()) {
    return problem("payload",
                   [&envelope](Issues& issues) { issues.invalid_type("object", envelope.view()); });
  }
  out.payload = std::move(envelope);
  return std::nullopt;
}

// The id of a message that is beyond the limits of what is read, or not to be read, so that whoever waits for its answer gets one.
void find_id(std::string_view text, std::string& out) {
  if (!is_json(text)) return;
  const auto id = member_text(text, "id");
  if (id.empty() || id.size() > kMaxIdText) return;
  try {
    const Json value = parse_json(id);
    read_id(value, out);
  } catch (const Error&) {
    // It is what is beyond them.
  }
}

}  // namespace

Incoming NativeCodec::decode(std::string_view text) const {
  Incoming out;
  try {
    out.problem = read_envelope(text, out);
  } catch (const Error& error) {
    out.problem = invalid_format(error.message());
    find_id(text, out.id);
  }
  return out;
}

std::string NativeCodec::id_of(std::string_view text) const {
  std::string id;
  find_id(text, id);
  return id;
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
