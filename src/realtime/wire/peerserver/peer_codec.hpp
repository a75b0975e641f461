#pragma once
// PeerServer's messages, as realtime/peerserver.hpp describes them. Stateless; one for the whole process.
#include "realtime/codec.hpp"

namespace stoa::realtime::peerserver {

class PeerCodec final : public Codec, public Decoder {
 public:
  static constexpr std::uint8_t kSlot = 3;
  PeerCodec() : Codec(kSlot) {}

  bool takes_binary() const noexcept override { return true; }
  // What is no JSON object of a known type is ignored.
  Incoming decode(std::string_view text) const override;
  // `payload` has the members beside the type, in their order. Names of other protocols are not sent.
  Frame encode_event(std::string_view name, std::string_view payload, std::uint64_t) const override;
  Frame encode_ack(std::string_view, std::string_view) const override { return {}; }
  Frame encode_error(std::string_view, const Error&) const override { return {}; }
  Frame encode_close(const CloseReason& why) const override;
  Frame encode_ping() const override;
};

}  // namespace stoa::realtime::peerserver
