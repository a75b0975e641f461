#pragma once
// What PeerServer's clients send and get, in the words of PeerJS.
#include <stoa/core/binding.hpp>
#include <stoa/realtime/hub.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace stoa::peerserver {

// As the codec hands it over.
struct Signal {
  std::optional<std::string> dst;
  std::optional<std::string> payload;  // the text of some JSON
};
BOOST_DESCRIBE_STRUCT(Signal, (), (dst, payload))

// One message on its way. `type` is a literal.
struct Message {
  std::string_view type;
  std::string src;
  std::string dst;
  std::string payload;  // the text of some JSON; empty: there is none
};

struct Delivery {
  realtime::SessionId to;
  Message message;
};

inline constexpr std::string_view kOpen = "OPEN", kError = "ERROR", kIdTaken = "ID-TAKEN",
                                  kOffer = "OFFER", kAnswer = "ANSWER", kCandidate = "CANDIDATE",
                                  kLeave = "LEAVE", kExpire = "EXPIRE", kHeartbeat = "HEARTBEAT";

// What PeerJS lets a peer be called: letters and digits, in parts that one space, dash or underscore separates.
bool is_peer_id(std::string_view text) noexcept;
// A random UUID (RFC 9562 version 4), which says nothing about when it was made.
std::string make_peer_id();
// {src, dst, payload?}, as the codec sends it beside the type.
std::string members_of(const Message& message);

}  // namespace stoa::peerserver
