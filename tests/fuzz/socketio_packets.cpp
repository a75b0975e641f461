// Engine.IO payloads and the Socket.IO packets in them: any bytes become packets or none, and what can be
// read can be written and read again.
#include "realtime/wire/engineio/packets.hpp"
#include "realtime/wire/socketio/packet.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace stoa;
using namespace realtime;

void check(bool holds) {
  if (!holds) std::abort();
}

std::string text_of(const Frame& frame) {
  const auto length = static_cast<unsigned char>(frame.view()[1]);
  return std::string(frame.view().substr(length == 127 ? 10 : length == 126 ? 4 : 2));
}

void check_packet(std::string_view text, const std::vector<std::string>& attachments) {
  auto packet = socketio::parse(text);
  if (!packet || packet->problem) return;
  check(packet->attachments <= socketio::kMaxAttachments);
  if (packet->data && !socketio::restore(*packet->data, attachments)) return;
  packet->attachments = 0;
  const std::vector<Frame> written = socketio::encode(*packet);
  const std::string first = text_of(written.front());
  check(first.front() == '4');
  const auto again = socketio::parse(std::string_view(first).substr(1));
  check(again && again->nsp == packet->nsp && again->id == packet->id);
  check(again->attachments == written.size() - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto of :
       {engineio::PayloadReader::Of::polling, engineio::PayloadReader::Of::websocket}) {
    engineio::PayloadReader reader(bytes, of);
    std::vector<std::string> attachments;
    while (!reader.done()) {
      const auto packet = reader.next();
      if (!packet || packet->type != engineio::PacketType::message) continue;
      if (packet->binary && attachments.size() < socketio::kMaxAttachments) {
        attachments.emplace_back(packet->data);
      } else if (!packet->binary) {
        check_packet(packet->data, attachments);
      }
    }
  }
  return 0;
}
