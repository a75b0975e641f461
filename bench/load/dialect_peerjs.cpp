// PeerServer's protocol, as PeerJS speaks it. There are no rooms and no acknowledgements in it.
#include "dialect.hpp"
#include "frame.hpp"

namespace load {
namespace {

class PeerJs final : public Dialect {
 public:
  std::string target(std::string_view, std::uint32_t index) const override {
    const std::string id = name(index);
    return "/peerjs?key=peerjs&id=" + id + "&token=t" + id + "&version=1.5.5";
  }
  bool has_greeting() const override { return true; }

  Kind classify(std::string_view frame) const override {
    if (contains(frame, R"("type":"CANDIDATE")")) return Kind::kDelivery;
    if (contains(frame, R"("type":"OPEN")")) return Kind::kConnected;
    const bool refused = contains(frame, R"("type":"ERROR")") ||
                         contains(frame, R"("type":"ID-TAKEN")") ||
                         contains(frame, R"("type":"EXPIRE")");
    return refused ? Kind::kError : Kind::kOther;
  }

  std::uint64_t ack_id(std::string_view) const override { return 0; }
  void append_join(std::string&, std::string_view, std::uint64_t) const override {}
  void append_send(std::string&, std::string_view, std::string_view, std::string_view,
                   std::uint64_t) const override {}

  std::string address(std::string_view, std::uint32_t index) const override { return name(index); }
  void append_signal(std::string& out, std::string_view, std::string_view to) const override {
    std::string text = R"({"type":"CANDIDATE","dst":")" + std::string(to);
    text.append(R"(","payload":{"candidate":)").append(kCandidate);
    text.append(R"(,"type":"media","connectionId":"mc_q8w3zt1kd2c"}})");
    append_client_frame(out, kText, text);
  }

 private:
  static std::string name(std::uint32_t index) { return "peer" + std::to_string(index); }
};

}  // namespace

std::unique_ptr<Dialect> make_peerjs() {
  return std::make_unique<PeerJs>();
}

}  // namespace load
