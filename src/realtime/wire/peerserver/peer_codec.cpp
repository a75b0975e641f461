#include "realtime/wire/peerserver/peer_codec.hpp"

#include "realtime/wire/websocket/frames.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/json_skim.hpp>

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

const std::string* text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const Json::string_t*>();
}

}  // namespace

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
