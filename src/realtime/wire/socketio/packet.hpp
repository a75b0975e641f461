#pragma once
// Socket.IO protocol 5: what stands in one Engine.IO message,
//   type[attachments-][/namespace,][ackId][json]
// and how binary values leave and enter the JSON. Pure functions over bounded input.
#include "realtime/frame.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::realtime::socketio {

// Of one packet, received or sent.
inline constexpr std::size_t kMaxAttachments = 10;

enum class Type : char {
  connect = '0',
  disconnect = '1',
  event = '2',
  ack = '3',
  connect_error = '4',
  binary_event = '5',
  binary_ack = '6',
};

struct Packet {
  Type type = Type::event;
  std::string nsp = "/";
  std::string id;               // of the acknowledgement, in digits; empty: none
  std::optional<Json> data;     // shaped as the type wants it
  std::size_t attachments = 0;  // binary messages that follow
  // Its JSON is beyond the limits of what is read, for this reason: `data` has the head of it alone, an array of the
  // first item, or an object without members.
  std::optional<Error> problem;
};

// Empty for what no client may send: a bad type, count, id or JSON, a reserved event name. In time that is linear in the
// text.
std::optional<Packet> parse(std::string_view text);
// The same of an event or an acknowledgement whose JSON is not to be read, for that reason.
std::optional<Packet> parse_unread(std::string_view text, Error why);

// Replaces each placeholder by its attachment. False where one names an attachment that did not come, or that another
// placeholder has named.
bool restore(Json& data, const std::vector<std::string>& attachments);

// As Engine.IO messages: the text, then its attachments. Throws std::length_error over kMaxAttachments.
std::vector<Frame> encode(const Packet& packet);

// A text message made of parts.
Frame text_message(std::initializer_list<std::string_view> parts);

}  // namespace stoa::realtime::socketio
