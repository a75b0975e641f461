#pragma once
// Events that the server sends, each a named constant with the type of its payload, so that publishing is
// checked by the compiler and the AsyncAPI document lists them:
//
//   inline constexpr realtime::Outgoing<MessageView> kNewMessage{"new_message", "A message was committed"};
//   hub.publish(topic, kNewMessage, view);
#include <stoa/core/binding.hpp>

#include <string_view>
#include <vector>

namespace stoa::realtime {

template <class Payload>
struct Outgoing {
  std::string_view name;
  std::string_view summary;
};

// The type-erased row of the table of sent events.
struct OutgoingRow {
  std::string_view name;
  std::string_view summary;
  void (*describe)(Json& schema, SchemaBook& book);
};
using OutgoingTable = std::vector<OutgoingRow>;

template <class Payload>
OutgoingRow sends(const Outgoing<Payload>& event) {
  return {event.name, event.summary,
          [](Json& schema, SchemaBook& book) { book.add<Payload>(schema); }};
}

}  // namespace stoa::realtime
