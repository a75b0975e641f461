#pragma once
// The native envelope, as docs/PROTOCOL.md describes it:
//   {"type": T, "payload": {...}, "id"?: string up to 128 characters or number, "timestamp"?: ms}
// answered {"type":"ack"|"error","id":I,...}. Stateless; one for the whole process.
#include "realtime/codec.hpp"

namespace stoa::realtime::native {

class NativeCodec final : public Codec, public Decoder {
 public:
  static constexpr std::uint8_t kSlot = 0;
  NativeCodec() : Codec(kSlot) {}

  Incoming decode(std::string_view text) const override;
  std::string id_of(std::string_view text) const override;
  Frame encode_event(std::string_view name, std::string_view payload,
                     std::uint64_t number) const override;
  Frame encode_ack(std::string_view id, std::string_view payload) const override;
  Frame encode_error(std::string_view id, const Error& error) const override;
  Frame encode_close(const CloseReason& why) const override;
  Frame encode_ping() const override;
};

}  // namespace stoa::realtime::native
