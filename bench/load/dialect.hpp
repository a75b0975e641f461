#pragma once
// What the servers under test speak inside their WebSocket frames. Stateless, shared by all
// threads.
//
//   stoa      {"type","payload","id"} envelopes on /ws?token=
//   ws        the same envelopes on /
//   socketio  Socket.IO 5 on Engine.IO 4, WebSocket only
//   peerjs    PeerServer's messages, {"type","dst","payload"}
//   raw       no handshake, every frame is a delivery: the bare sender of the self scenario

#include "options.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace load {

// What a text frame from the server means to the generator. A delivery is a message of the room or a
// signal from the other one of a pair.
enum class Kind { kDelivery, kAck, kOpen, kConnected, kPing, kError, kOther };

class Dialect {
 public:
  virtual ~Dialect() = default;

  // The request target of the upgrade; empty when there is no handshake at all.
  virtual std::string target(std::string_view token, std::uint32_t index) const = 0;
  // Whether the server speaks first: kOpen, which wants a connect packet, or kConnected at once.
  virtual bool has_greeting() const { return false; }
  virtual void append_connect(std::string&, std::string_view /*token*/) const {}
  virtual Kind classify(std::string_view frame) const = 0;
  // The number that came with the acknowledged event; only for frames that are kAck or kError.
  virtual std::uint64_t ack_id(std::string_view frame) const = 0;

  // Append one whole client frame.
  virtual void append_join(std::string& out, std::string_view room, std::uint64_t id) const = 0;
  virtual void append_send(std::string& out, std::string_view room, std::string_view content,
                           std::string_view client_id, std::uint64_t id) const = 0;
  // Something that the server acknowledges without doing anything.
  virtual void append_echo(std::string&, std::uint64_t /*id*/) const {}

  // Pairs that signal to each other. Where a seat in a call has to be taken first, it is acknowledged.
  virtual bool has_seats() const { return false; }
  virtual void append_seat(std::string&, std::string_view /*room*/, std::uint64_t /*id*/) const {}
  // What the others call this connection, once it is connected or seated: `frame` said so.
  virtual std::string address(std::string_view /*frame*/, std::uint32_t /*index*/) const {
    return {};
  }
  // An ICE candidate to one other connection, without an acknowledgement.
  virtual void append_signal(std::string&, std::string_view /*room*/,
                             std::string_view /*to*/) const {}
};

std::unique_ptr<Dialect> make_dialect(DialectName name);
std::unique_ptr<Dialect> make_envelopes(std::string path);
std::unique_ptr<Dialect> make_socketio();
std::unique_ptr<Dialect> make_peerjs();

// The text of message number `sequence`: ten digits first, so that a receiver can check the order.
std::string make_content(std::uint64_t sequence, int bytes);
// The number in a delivery made from such a content, or -1.
std::int64_t content_sequence(std::string_view frame);

// ---- For the dialects themselves ----

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
// The digits at the front of `text`.
std::uint64_t read_number(std::string_view text);
// The string that follows the last `key` in `text`, as in "peerId":"...".
std::string last_string(std::string_view text, std::string_view key);
std::string join_payload(std::string_view room);
std::string send_payload(std::string_view room, std::string_view content,
                         std::string_view client_id);
std::string signal_payload(std::string_view room, std::string_view to);
// What a browser's candidate looks like as JSON.
inline constexpr std::string_view kCandidate =
    R"({"candidate":"candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 192.168.1.7)"
    R"( rport 46154 generation 0 ufrag kX1a network-cost 999","sdpMLineIndex":0,"sdpMid":"0"})";

}  // namespace load
