#include "realtime/wire/peerserver/peer_codec.hpp"

#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/json.hpp>

#include <algorithm>
#include <array>

namespace stoa::realtime::peerserver {
namespace {

using websocket::begin_frame;
using websocket::Opcode;

constexpr std::array<std::string_view, 6> kFromClients = {"OFFER", "ANSWER", "CANDIDATE",
                                                          "LEAVE", "EXPIRE", "HEARTBEAT"};
constexpr std::array<std::string_view, 8> kToClients = {
    "OPEN", "ERROR", "ID-TAKEN", "OFFER", "ANSWER", "CANDIDATE", "LEAVE", "EXPIRE"};

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view strip(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const std::string* text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const Json::string_t*>();
}

}  // namespace

std::string_view member_text(std::string_view json, std::string_view name) {
  constexpr auto kNone = std::string_view::npos;
  std::size_t depth = 0;
  std::size_t begin = kNone;
  std::string_view last;  // the last string, which is a member's name where a colon follows
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t open = ++i;
      while (json[i] != '"') i += json[i] == '\\' ? 2 : 1;
      last = json.substr(open, i - open);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == ':' && depth == 1 && last == name) {
      begin = i + 1;
    } else if (depth == 1 && begin != kNone && (c == ',' || c == '}')) {
      return strip(json.substr(begin, i - begin));
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return {};
}

Incoming PeerCodec::decode(std::string_view text) const {
  Incoming out;
  out.ignored = true;
  try {
    const Json json = parse_json(text);
    if (!json.is_object()) return out;
    const std::string* type = text_of(json, "type");
    if (type == nullptr || !is_in(kFromClients, *type)) return out;
    out.type = *type;
    Json message = Json::object();
    if (const std::string* to = text_of(json, "dst")) message["dst"] = *to;
    if (const auto payload = member_text(text, "payload"); !payload.empty()) {
      message["payload"] = payload;
    }
    out.payload = std::move(message);
    out.ignored = false;
  } catch (const Error&) {
    // Not JSON.
  }
  return out;
}

Frame PeerCodec::encode_event(std::string_view name, std::string_view payload,
                              std::uint64_t) const {
  if (!is_in(kToClients, name)) return {};
  const std::string_view members = payload.substr(1);  // without the brace
  const std::string_view before = "{\"type\":\"";
  const std::string_view between = members == "}" ? "\"" : "\",";
  return begin_frame(Opcode::text, before.size() + name.size() + between.size() + members.size())
      .add(before)
      .add(name)
      .add(between)
      .add(members)
      .take();
}

Frame PeerCodec::encode_close(const CloseReason& why) const {
  return websocket::close_frame(why);
}

Frame PeerCodec::encode_ping() const {
  return websocket::control_frame(Opcode::ping, {});
}

}  // namespace stoa::realtime::peerserver
