// Socket.IO 5 on Engine.IO 4, WebSocket only.
#include "dialect.hpp"
#include "frame.hpp"

namespace load {
namespace {

class SocketIo final : public Dialect {
 public:
  std::string target(std::string_view, std::uint32_t) const override {
    return "/socket.io/?EIO=4&transport=websocket";
  }
  bool has_greeting() const override { return true; }
  void append_connect(std::string& out, std::string_view token) const override {
    const std::string auth =
        token.empty() ? std::string() : R"({"token":")" + std::string(token) + "\"}";
    append_client_frame(out, kText, "40" + auth);
  }

  Kind classify(std::string_view frame) const override {
    if (frame.starts_with(R"(42["new_message")")) return Kind::kDelivery;
    if (frame.starts_with(R"(42["signal")")) return Kind::kDelivery;
    if (frame.starts_with("43")) {
      return contains(frame, R"([{"error":)") ? Kind::kError : Kind::kAck;
    }
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
    append(out, "join_room", join_payload(room), std::to_string(id));
  }

  void append_send(std::string& out, std::string_view room, std::string_view content,
                   std::string_view client_id, std::uint64_t id) const override {
    append(out, "send_message", send_payload(room, content, client_id), std::to_string(id));
  }

  void append_echo(std::string& out, std::uint64_t id) const override {
    append(out, "leave_room", join_payload("00000000-0000-7000-8000-ffffffffffff"),
           std::to_string(id));
  }

  // Every socket is in a room of its own id.
  std::string address(std::string_view frame, std::uint32_t) const override {
    return last_string(frame, "sid");
  }
  void append_signal(std::string& out, std::string_view room, std::string_view to) const override {
    append(out, "signal", signal_payload(room, to), {});
  }

 private:
  // Without an id nothing is acknowledged.
  static void append(std::string& out, std::string_view event, std::string_view payload,
                     std::string_view id) {
    std::string text = "42" + std::string(id);
    text.append(R"([")").append(event).append(R"(",)").append(payload).append("]");
    append_client_frame(out, kText, text);
  }
};

}  // namespace

std::unique_ptr<Dialect> make_socketio() {
  return std::make_unique<SocketIo>();
}

}  // namespace load
