#include "realtime/wire/socketio/packet.hpp"

#include "realtime/codec.hpp"
#include "realtime/wire/engineio/packets.hpp"
#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/json_skim.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace stoa::realtime::socketio {
namespace {

constexpr std::size_t kMaxIdDigits = 16;  // what a client's numbers hold exactly
constexpr std::size_t kMaxNamespace = 128;
constexpr std::size_t kMaxHead = 256;  // of an event's name, escaped; the reserved ones are shorter
constexpr std::array<std::string_view, 6> kReserved = {
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_binary(Type type) noexcept {
  return type == Type::binary_event || type == Type::binary_ack;
}

std::string_view take_digits(std::string_view& text) noexcept {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool read_attachments(std::string_view& text, Packet& out) {
  const auto digits = take_digits(text);
  if (digits.empty() || digits.size() > 2 || !text.starts_with('-')) return false;
  text.remove_prefix(1);
  for (const char c : digits)
    out.attachments = out.attachments * 10 + static_cast<std::size_t>(c - '0');
  return out.attachments <= kMaxAttachments;
}

bool read_namespace(std::string_view& text, Packet& out) {
  if (!text.starts_with('/')) return true;
  const auto comma = text.find(',');
  out.nsp = text.substr(0, comma);
  text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  // What follows a "?" is for the client's own use.
  out.nsp.resize(std::min(out.nsp.size(), out.nsp.find('?')));
  return out.nsp.size() <= kMaxNamespace;
}

bool names_an_event(const Json& data) {
  if (!data.is_array() || data.empty()) return false;
  const Json& name = data.front();
  if (name.is_number()) return true;
  return name.is_string() && std::find(kReserved.begin(), kReserved.end(),
                                       name.get_ref<const std::string&>()) == kReserved.end();
}

bool has_shape(const Packet& packet) {
  switch (packet.type) {
    case Type::connect:
      return !packet.data || packet.data->is_object();
    case Type::disconnect:
      return !packet.data;
    case Type::connect_error:
      return packet.data && (packet.data->is_object() || packet.data->is_string());
    case Type::event:
    case Type::binary_event:
      return packet.data && names_an_event(*packet.data);
    case Type::ack:
    case Type::binary_ack:
      return packet.data && packet.data->is_array() && !packet.id.empty();
  }
  return false;
}

// The code unit of a \uXXXX escape that begins at `at`; 0 for none.
unsigned escaped_unit(std::string_view text, std::size_t at) noexcept {
  unsigned unit = 0;
  if (text.substr(at, 2) != "\\u" || at + 6 > text.size()) return 0;
  const auto read = std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
  return read.ec == std::errc() && read.ptr == text.data() + at + 6 ? unit : 0;
}

// JSON.stringify writes half a surrogate pair, as a text that was cut inside an emoji has it, as an escape that is no
// character. It becomes U+FFFD, as such a text does wherever it is sent as UTF-8.
std::string without_lone_surrogates(std::string_view text) {
  const auto is_high = [](unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; };
  const auto is_low = [](unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; };
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned unit = text[i] == '\\' ? escaped_unit(text, i) : 0;
    if (is_high(unit) && is_low(escaped_unit(text, i + 6))) {
      out.append(text.substr(i, 12));
      i += 11;
    } else if (is_high(unit) || is_low(unit)) {
      out += "\\ufffd";
      i += 5;
    } else {
      out += text[i];
      // Whatever is escaped, a backslash too, is no beginning of another escape.
      if (text[i] == '\\' && ++i < text.size()) out += text[i];
    }
  }
  return out;
}

Json read_json(std::string_view text) {
  if (text.find("\\u") == std::string_view::npos) return parse_json(text);
  return parse_json(without_lone_surrogates(text));
}

// What tells an event's name from what is none. A name that cannot be read is no reserved one.
Json head_item(std::string_view text) {
  if (text.size() <= kMaxHead) {
    try {
      return read_json(text);
    } catch (const Error&) {
      // Likewise.
    }
  }
  if (text.starts_with('"')) return std::string();
  return text.starts_with('-') || (!text.empty() && is_digit(text.front())) ? Json(0) : Json();
}

// Of JSON that is beyond the limits.
Json head_of(std::string_view json) {
  const auto first = json.find_first_not_of(" \t\r\n");
  if (json[first] == '{') return Json::object();
  if (json[first] != '[') return nullptr;
  Json out = Json::array();
  out.push_back(head_item(first_item_text(json)));
  return out;
}

// Whether the placeholders in JSON that is beyond the limits, as clients write them, are for attachments, one each.
bool has_fitting_places(std::string_view json, std::size_t attachments) {
  constexpr std::string_view kPlace = "{\"_placeholder\":true,\"num\":";
  std::size_t count = 0;
  for (auto at = json.find(kPlace); at != std::string_view::npos; at = json.find(kPlace, at)) {
    at += kPlace.size();
    const std::string_view number = json.substr(at, 2);
    if (++count > attachments || !is_digit(number[0]) || number[1] != '}') return false;
    if (static_cast<std::size_t>(number[0] - '0') >= attachments) return false;
  }
  return true;
}

// False: it is no JSON, or names attachments that are none.
bool read_data(std::string_view text, Packet& out) {
  try {
    out.data = read_json(text);
  } catch (const Error& error) {
    if (!is_json(text)) return false;
    if (is_binary(out.type) && !has_fitting_places(text, out.attachments)) return false;
    out.problem = invalid_format(error.message());
    out.data = head_of(text);
  }
  return true;
}

bool is_placeholder(const Json& value) {
  if (!value.is_object()) return false;
  const auto mark = value.find("_placeholder");
  return mark != value.end() && *mark == true;
}

// One placeholder may name an attachment: with each further one the message would grow by a copy of it.
bool put_back(Json& value, const std::vector<std::string>& attachments, std::vector<bool>& used) {
  if (is_placeholder(value)) {
    const auto number = value.find("num");
    if (number == value.end() || !number->is_number_unsigned()) return false;
    const auto index = number->get<std::uint64_t>();
    if (index >= attachments.size() || used[index]) return false;
    used[index] = true;
    const std::string& bytes = attachments[index];
    value = Json::binary({bytes.begin(), bytes.end()});
    return true;
  }
  if (!value.is_structured()) return true;
  return std::all_of(value.begin(), value.end(),
                     [&](Json& inner) { return put_back(inner, attachments, used); });
}

// Moves binary values out and leaves placeholders; depth is bounded by what could be parsed.
void take_binary(Json& value, std::vector<std::string>& out) {
  if (value.is_binary()) {
    const auto& bytes = value.get_binary();
    out.emplace_back(bytes.begin(), bytes.end());
    value = {{"_placeholder", true}, {"num", out.size() - 1}};
  } else if (value.is_structured()) {
    for (Json& inner : value) take_binary(inner, out);
  }
}

// What stands before the JSON.
std::optional<Packet> take_head(std::string_view& text) {
  if (text.empty() || text.front() < '0' || text.front() > '6') return std::nullopt;
  Packet out;
  out.type = static_cast<Type>(text.front());
  text.remove_prefix(1);
  if (is_binary(out.type) && !read_attachments(text, out)) return std::nullopt;
  if (!read_namespace(text, out)) return std::nullopt;
  out.id = take_digits(text);
  if (out.id.size() > kMaxIdDigits) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Packet> parse(std::string_view text) {
  auto out = take_head(text);
  if (!out) return std::nullopt;
  if (!text.empty() && !read_data(text, *out)) return std::nullopt;
  if (!has_shape(*out)) return std::nullopt;
  return out;
}

std::optional<Packet> parse_unread(std::string_view text, Error why) {
  auto out = take_head(text);
  if (!out) return std::nullopt;
  out->data = Json::array({std::string()});
  out->problem = std::move(why);
  if (!has_shape(*out)) return std::nullopt;
  return out;
}

bool restore(Json& data, const std::vector<std::string>& attachments) {
  std::vector<bool> used(attachments.size());
  return put_back(data, attachments, used);
}

std::vector<Frame> encode(const Packet& packet) {
  Packet plain = packet;
  std::vector<std::string> attachments;
  if (plain.data) take_binary(*plain.data, attachments);
  if (attachments.size() > kMaxAttachments) throw std::length_error("too many attachments");
  std::string head(1, static_cast<char>(plain.type));
  if (!attachments.empty()) {
    head = plain.type == Type::ack ? '6' : '5';
    head += std::to_string(attachments.size()) + "-";
  }
  if (plain.nsp != "/") head += plain.nsp + ",";
  std::vector<Frame> out;
  out.push_back(
      text_message({head, plain.id, plain.data ? dump_json(*plain.data) : std::string()}));
  for (const std::string& one : attachments) out.push_back(engineio::binary_message(one));
  return out;
}

Frame text_message(std::initializer_list<std::string_view> parts) {
  std::size_t size = 1;
  for (const auto part : parts) size += part.size();
  FrameBuilder frame = websocket::begin_frame(websocket::Opcode::text, size);
  frame.add(static_cast<char>(engineio::PacketType::message));
  for (const auto part : parts) frame.add(part);
  return frame.take();
}

}  // namespace stoa::realtime::socketio
