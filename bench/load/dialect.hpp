#pragma once
// What the servers under test speak inside their WebSocket frames. Stateless, shared by all
// threads.
//
//   stoa      {"type","payload","id"} envelopes on /ws?token=
//   ws        the same envelopes on /, without tokens
//   socketio  Socket.IO 5 on Engine.IO 4, WebSocket only
//   raw       no handshake, every frame is a delivery: the bare sender of the self scenario

#include "options.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace load {

// What a text frame from the server means to the generator.
enum class Kind { kDelivery, kAck, kOpen, kConnected, kPing, kError, kOther };

class Dialect {
 public:
  virtual ~Dialect() = default;

  // The request target of the upgrade; empty when there is no handshake at all.
  virtual std::string target(std::string_view token) const = 0;
  // Whether the server speaks first (kOpen) and wants a connect packet (then kConnected).
  virtual bool has_connect_packet() const { return false; }
  virtual Kind classify(std::string_view frame) const = 0;
  // The number that came with the acknowledged event; only for frames that are kAck or kError.
  virtual std::uint64_t ack_id(std::string_view frame) const = 0;

  // Append one whole client frame.
  virtual void append_join(std::string& out, std::string_view room, std::uint64_t id) const = 0;
  virtual void append_send(std::string& out, std::string_view room, std::string_view content,
                           std::string_view client_id, std::uint64_t id) const = 0;
};

std::unique_ptr<Dialect> make_dialect(DialectName name);

// The text of message number `sequence`: ten digits first, so that a receiver can check the order.
std::string make_content(std::uint64_t sequence, int bytes);
// The number in a delivery made from such a content, or -1.
std::int64_t content_sequence(std::string_view frame);

}  // namespace load
