#pragma once
// How a session speaks in one namespace. Events are ["name", payload]; an answer is acknowledged with the
// payload alone, a refusal with {"error": {code, message, details}}; a refusal that nobody waits for is an
// `error` event. Stateless; one for the whole process.
#include "realtime/codec.hpp"

#include <string>
#include <utility>

namespace stoa::realtime::socketio {

// Whether a session that is closed for this reason is told to stay away: the client library does not come
// back by itself then, as it does after a lost connection.
bool is_final(std::uint16_t code) noexcept;

class SocketIoCodec final : public Codec {
 public:
  static constexpr std::uint8_t kSlot = 1;
  // `offsets`: what stands before an event's number in its offset; empty: events have none.
  explicit SocketIoCodec(std::string offsets) : Codec(kSlot), offsets_(std::move(offsets)) {}

  // The transport's own heartbeat sees to that.
  bool pings() const noexcept override { return false; }
  Frame encode_event(std::string_view name, std::string_view payload,
                     std::uint64_t number) const override;
  Frame encode_ack(std::string_view id, std::string_view payload) const override;
  Frame encode_error(std::string_view id, const Error& error) const override;
  Frame encode_close(const CloseReason& why) const override;
  Frame encode_ping() const override { return {}; }

 private:
  const std::string offsets_;
};

}  // namespace stoa::realtime::socketio
