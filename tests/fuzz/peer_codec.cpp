// PeerServer's way in: any bytes are a message or nothing, and what is relayed as text is the member that a parser
// finds in its place.
#include "realtime/wire/peerserver/peer_codec.hpp"

#include "features/peerserver/peerserver_types.hpp"

#include <stoa/core/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace stoa;

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  check(!peerserver::is_peer_id(bytes) || bytes.find_first_of("/.\\<>\"'%\n") == std::string::npos);
  static const realtime::peerserver::PeerCodec codec;
  const realtime::Incoming in = codec.decode(bytes);
  if (in.ignored) return 0;
  const Json whole = parse_json(bytes);
  check(whole.at("type") == in.type);
  const Json payload = in.payload.view().copy();
  peerserver::Message message{peerserver::kOffer, "me", payload.value("dst", ""),
                              payload.value("payload", "")};
  if (!message.payload.empty()) check(parse_json(message.payload) == whole.at("payload"));
  const auto frame = codec.encode_event(message.type, peerserver::members_of(message));
  check(frame.size() > 2);
  const auto sent = peerserver::members_of(message);
  const Json back = parse_json(sent);
  check(back.at("src") == "me" && back.at("dst") == message.dst);
  return 0;
}
