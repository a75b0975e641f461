#pragma once
// What one client sends to another through the server, such as the signals of a call: it goes out by Hub::relay(), in the
// name of the session that sends it, which hears an error where the receiver's queue has no room for it.
#include <stoa/realtime/session.hpp>

#include <string>
#include <type_traits>

namespace stoa::realtime {

template <class Payload>
void relay(Hub& hub, const Session& from, SessionId to, const Outgoing<Payload>& event,
           const std::type_identity_t<Payload>& payload) {
  static constexpr char kRefused[] =
      R"({"code":"RATE_LIMITED","message":"The other one does not read so fast","details":{}})";
  hub.relay({to, event.name, write(payload), from.id(), limit_key(from), "error", kRefused});
}

}  // namespace stoa::realtime
