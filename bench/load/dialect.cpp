#include "dialect.hpp"

#include "frame.hpp"

#include <cstdlib>

namespace load {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::uint64_t read_number(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') break;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
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

class Envelopes final : public Dialect {
 public:
  explicit Envelopes(std::string path) : path_(std::move(path)) {}

  std::string target(std::string_view token) const override {
    return token.empty() ? path_ : path_ + "?token=" + std::string(token);
  }

  Kind classify(std::string_view frame) const override {
    // The order of keys is the server's business: the front is looked at first because it is
    // cheap, the whole frame only when that does not answer.
    if (frame.starts_with(R"({"type":"new_message")")) return Kind::kDelivery;
    if (contains(frame, R"("type":"ack")")) return Kind::kAck;
    if (contains(frame, R"("type":"new_message")")) return Kind::kDelivery;
    if (contains(frame, R"("type":"error")")) return Kind::kError;
    return Kind::kOther;
  }

  std::uint64_t ack_id(std::string_view frame) const override {
    // The ids of stored things are strings; the one that is a number is ours.
    constexpr std::string_view kKey = R"("id":)";
    for (std::size_t at = frame.find(kKey); at != std::string_view::npos;
         at = frame.find(kKey, at + 1)) {
      const std::string_view rest = frame.substr(at + kKey.size());
      if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return read_number(rest);
    }
    return 0;
  }

  void append_join(std::string& out, std::string_view room, std::uint64_t id) const override {
    append(out, "join_room", R"({"roomId":")" + std::string(room) + "\"}", id);
  }

  void append_send(std::string& out, std::string_view room, std::string_view content,
                   std::string_view client_id, std::uint64_t id) const override {
    append(out, "send_message", send_payload(room, content, client_id), id);
  }

 private:
  static void append(std::string& out, std::string_view type, std::string_view payload,
                     std::uint64_t id) {
    std::string text;
    text.reserve(payload.size() + 64);
    text.append(R"({"type":")").append(type).append(R"(","payload":)").append(payload);
    text.append(R"(,"id":)").append(std::to_string(id)).append("}");
    append_client_frame(out, kText, text);
  }

  std::string path_;
};

class SocketIo final : public Dialect {
 public:
  std::string target(std::string_view) const override {
    return "/socket.io/?EIO=4&transport=websocket";
  }
  bool has_connect_packet() const override { return true; }

  Kind classify(std::string_view frame) const override {
    if (frame.starts_with(R"(42["new_message")")) return Kind::kDelivery;
    if (frame.starts_with("43")) return Kind::kAck;
    if (frame.starts_with("40")) return Kind::kConnected;
    if (frame.starts_with("0{")) return Kind::kOpen;
    if (frame == "2") return Kind::kPing;
    if (frame.starts_with("44") || frame.starts_with(R"(42["error")")) return Kind::kError;
    return Kind::kOther;
  }

  std::uint64_t ack_id(std::string_view frame) const override {
    return read_number(frame.substr(frame.size() < 2 ? frame.size() : 2));
  }

  void append_join(std::string& out, std::string_view room, std::uint64_t id) const override {
    append(out, "join_room", R"({"roomId":")" + std::string(room) + "\"}", id);
  }

  void append_send(std::string& out, std::string_view room, std::string_view content,
                   std::string_view client_id, std::uint64_t id) const override {
    append(out, "send_message", send_payload(room, content, client_id), id);
  }

 private:
  static void append(std::string& out, std::string_view event, std::string_view payload,
                     std::uint64_t id) {
    std::string text = "42" + std::to_string(id);
    text.append(R"([")").append(event).append(R"(",)").append(payload).append("]");
    append_client_frame(out, kText, text);
  }
};

class Raw final : public Dialect {
 public:
  std::string target(std::string_view) const override { return {}; }
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
      return std::make_unique<Envelopes>("/ws");
    case DialectName::kWs:
      return std::make_unique<Envelopes>("/");
    case DialectName::kSocketIo:
      return std::make_unique<SocketIo>();
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

}  // namespace load
