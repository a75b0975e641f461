#pragma once
// What a wire format has to know: how an event, an answer, an error and a goodbye look. A codec is
// immutable, stateless between messages and shared by all shards; a session names its own. Payloads are
// finished JSON. The hub encodes an event once for each codec that has receivers on a shard and shares the
// frame among them. What a codec has no words for it answers with an empty Frame, which is not sent.
#include "realtime/frame.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/issues.hpp>
#include <stoa/core/json.hpp>
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
  JsonDocument payload;  // an object, where it could be read
  // Where the protocol has arguments instead of one payload: an array, out of which the event's row makes
  // the payload.
  std::optional<Json> arguments;
  bool binary = false;  // some of the arguments hold binary values
  // What the answer carries to name this message, as finished JSON; empty: no answer is wanted.
  std::string id;
  // It counts towards the rate and has no other effect: neither an answer nor a refusal.
  bool ignored = false;
  // Set where the message could not be read; `id` may still be known.
  std::optional<Error> problem;
};

// What a client's message means, where each stands in one frame of its own.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Whether binary frames are messages as well; else they end the session.
  virtual bool takes_binary() const noexcept { return false; }
  virtual Incoming decode(std::string_view text) const = 0;
  // `id` alone, of a message that is not to be read.
  virtual std::string id_of(std::string_view) const { return {}; }
};

class Codec {
 public:
  // `slot` is below kMaxCodecs and no other codec's.
  explicit Codec(std::uint8_t slot) : slot_(slot) {}
  virtual ~Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  std::uint8_t slot() const noexcept { return slot_; }

  // Whether its sessions are asked for signs of life by the session; else its transport sees to that.
  virtual bool pings() const noexcept { return true; }
  // `number`: the place among all that reached this node of the last publication that is known to the receiver once it
  // has this event; what a client that resumes may name, together with the node.
  virtual Frame encode_event(std::string_view name, std::string_view payload,
                             std::uint64_t number) const = 0;
  virtual Frame encode_ack(std::string_view id, std::string_view payload) const = 0;
  virtual Frame encode_error(std::string_view id, const Error& error) const = 0;
  virtual Frame encode_close(const CloseReason& why) const = 0;
  virtual Frame encode_ping() const = 0;

 private:
  std::uint8_t slot_;
};

// A message that could not be read, in the words that PeerShare's clients know: details.validationErrors says what is
// wrong, with its path from the outside of the message.
inline constexpr std::string_view kInvalidFormat = "Invalid message format";
Error invalid_format(const Issues& issues);
Error invalid_format(std::string why);  // with the message as a whole
// `type`: as much of it as is to be told.
Error no_such_event(std::string_view type);

// {"code","message","details"}, as every codec tells it.
std::string error_payload(const Error& error);

}  // namespace stoa::realtime
