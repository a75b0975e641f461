#pragma once
// What a wire format has to know: how an event, an answer, an error and a goodbye look, and what a
// client's text means. A codec is immutable, stateless between messages and shared by all shards; a
// session names its own. Payloads are finished JSON. The hub encodes an event once for each codec that
// has receivers on a shard and shares the frame among them.
#include "realtime/frame.hpp"

#include <stoa/core/error.hpp>
#include <stoa/realtime/hub.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::realtime {

inline constexpr std::size_t kMaxCodecs = 4;

// One message of a client.
struct Incoming {
  std::string type;
  Json payload = Json::object();
  // What the answer carries to name this message, as finished JSON; empty: no answer is wanted.
  std::string id;
  // Set where the message could not be read; `id` may still be known.
  std::optional<Error> problem;
};

class Codec {
 public:
  // `slot` is below kMaxCodecs and no other codec's.
  explicit Codec(std::uint8_t slot) : slot_(slot) {}
  virtual ~Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  std::uint8_t slot() const noexcept { return slot_; }

  virtual Incoming decode(std::string_view text) const = 0;
  virtual Frame encode_event(std::string_view name, std::string_view payload) const = 0;
  virtual Frame encode_ack(std::string_view id, std::string_view payload) const = 0;
  virtual Frame encode_error(std::string_view id, const Error& error) const = 0;
  virtual Frame encode_close(const CloseReason& why) const = 0;
  virtual Frame encode_ping() const = 0;

 private:
  std::uint8_t slot_;
};

}  // namespace stoa::realtime
