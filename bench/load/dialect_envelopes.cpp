// {"type","payload","id"}: Stoa's native protocol, which the bare ws server speaks as well.
#include "dialect.hpp"
#include "frame.hpp"

namespace load {
namespace {

class Envelopes final : public Dialect {
 public:
  explicit Envelopes(std::string path) : path_(std::move(path)) {}

  std::string target(std::string_view token, std::uint32_t) const override {
    return token.empty() ? path_ : path_ + "?token=" + std::string(token);
  }

  Kind classify(std::string_view frame) const override {
    // The order of keys is the server's business: the front is looked at first because it is
    // cheap, the whole frame only when that does not answer.
    if (frame.starts_with(R"({"type":"new_message")")) return Kind::kDelivery;
    if (frame.starts_with(R"({"type":"signal")")) return Kind::kDelivery;
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
    append(out, "join_room", join_payload(room), id);
  }

  void append_send(std::string& out, std::string_view room, std::string_view content,
                   std::string_view client_id, std::uint64_t id) const override {
    append(out, "send_message", send_payload(room, content, client_id), id);
  }

  // To leave a room that it is not in changes nothing, and is answered at once.
  void append_echo(std::string& out, std::uint64_t id) const override {
    append(out, "leave_room", join_payload("00000000-0000-7000-8000-ffffffffffff"), id);
  }

  bool has_seats() const override { return true; }
  void append_seat(std::string& out, std::string_view room, std::uint64_t id) const override {
    const std::string media = R"(","media":{"audio":true,"video":true,"screen":false}})";
    append(out, "call_join", R"({"roomId":")" + std::string(room) + media, id);
  }
  // Its own id stands before those of the others in the answer.
  std::string address(std::string_view frame, std::uint32_t) const override {
    const std::size_t others = frame.find(R"("peers":)");
    return last_string(frame.substr(0, others), "peerId");
  }
  void append_signal(std::string& out, std::string_view room, std::string_view to) const override {
    append(out, "signal", signal_payload(room, to), 0);
  }

 private:
  // `id` 0: without, so that nothing is acknowledged.
  static void append(std::string& out, std::string_view type, std::string_view payload,
                     std::uint64_t id) {
    std::string text;
    text.reserve(payload.size() + 64);
    text.append(R"({"type":")").append(type).append(R"(","payload":)").append(payload);
    if (id != 0) text.append(R"(,"id":)").append(std::to_string(id));
    text.append("}");
    append_client_frame(out, kText, text);
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<Dialect> make_envelopes(std::string path) {
  return std::make_unique<Envelopes>(std::move(path));
}

}  // namespace load
