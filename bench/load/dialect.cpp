#include "dialect.hpp"

#include <cstdlib>

namespace load {
namespace {

class Raw final : public Dialect {
 public:
  std::string target(std::string_view, std::uint32_t) const override { return {}; }
  Kind classify(std::string_view) const override { return Kind::kDelivery; }
  std::uint64_t ack_id(std::string_view) const override { return 0; }
  void append_join(std::string&, std::string_view, std::uint64_t) const override {}
  void append_send(std::string&, std::string_view, std::string_view, std::string_view,
                   std::uint64_t) const override {}
};

constexpr std::size_t kSequenceDigits = 10;

}  // namespace

std::unique_ptr<Dialect> make_dialect(DialectName name) {
  switch (name) {
    case DialectName::kStoa:
      return make_envelopes("/ws");
    case DialectName::kWs:
      return make_envelopes("/");
    case DialectName::kSocketIo:
      return make_socketio();
    case DialectName::kPeerJs:
      return make_peerjs();
    case DialectName::kRaw:
      return std::make_unique<Raw>();
  }
  std::abort();
}

std::string make_content(std::uint64_t sequence, int bytes) {
  const std::string digits = std::to_string(sequence);
  std::string text(kSequenceDigits - (digits.size() < kSequenceDigits ? digits.size() : 0), '0');
  text.append(digits);
  text.push_back(' ');
  while (text.size() < static_cast<std::size_t>(bytes)) text.append("all things flow ");
  text.resize(static_cast<std::size_t>(bytes));
  if (text.back() == ' ') text.back() = '.';  // a server may trim
  return text;
}

std::int64_t content_sequence(std::string_view frame) {
  constexpr std::string_view kKey = R"("content":")";
  const std::size_t at = frame.find(kKey);
  if (at == std::string_view::npos || at + kKey.size() + kSequenceDigits > frame.size()) return -1;
  return static_cast<std::int64_t>(read_number(frame.substr(at + kKey.size(), kSequenceDigits)));
}

std::uint64_t read_number(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') break;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::string last_string(std::string_view text, std::string_view key) {
  const std::string quoted = '"' + std::string(key) + R"(":")";
  const std::size_t at = text.rfind(quoted);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + quoted.size());
  return std::string(rest.substr(0, rest.find('"')));
}

std::string join_payload(std::string_view room) {
  return R"({"roomId":")" + std::string(room) + "\"}";
}

std::string send_payload(std::string_view room, std::string_view content,
                         std::string_view client_id) {
  std::string text;
  text.reserve(160 + content.size());
  text.append(R"({"roomId":")").append(room);
  text.append(R"(","content":")").append(content);
  text.append(R"(","clientMessageId":")").append(client_id).append("\"}");
  return text;
}

std::string signal_payload(std::string_view room, std::string_view to) {
  std::string text;
  text.reserve(160 + kCandidate.size());
  text.append(R"({"roomId":")").append(room).append(R"(","to":")").append(to);
  text.append(R"(","signal":{"type":"candidate","candidate":)").append(kCandidate).append("}}");
  return text;
}

}  // namespace load
