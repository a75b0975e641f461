#pragma once
// Who hears what. A session subscribes to topics; an event published to a topic is serialised once and
// reaches every subscribed session, on this node in the order of publishing. Each shard keeps its own
// subscribers: a publish posts one immutable message to each shard that has any, and the shard appends
// one shared buffer to each member's outbound queue. Sessions of other nodes are reached through the broker
// (<stoa/realtime/broker.hpp>), at most once and in the order of this node's publishing.
//
// What was written to the database is told with the transaction, which publishes it once its commit is certain:
//
//   hub_.tell(tx, topic_of(room.id), kRoomUpdated, RoomUpdated{room.id, room});
//
// Owned by the composition root, outlives the database's work. All members may be called from any thread; what concerns
// one session's own subscriptions is on Session and its shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/effects.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/core/task.hpp>
#include <stoa/net/rate_key.hpp>
#include <stoa/realtime/node.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/realtime/topic.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace stoa::realtime {

// One event to go out. `payload` is finished JSON. `seq` is set for what has a place in the room's
// sequence: a subscription that still reads history holds such events back (Session::subscribe_held).
struct Publication {
  Topic topic;
  std::string_view event;  // a constant: it is read on other shards, and by clients that come back
  std::string payload;
  std::optional<std::int64_t> seq;
  std::optional<SessionId> except;  // the sender's own session
};

// Why a session is ended by the server; what the client may make of it.
struct CloseReason {
  // RFC 6455 section 7.4, or 4000 and up as docs/PROTOCOL.md lists them; 0: none is said.
  std::uint16_t code;
  std::string_view text;  // a constant
};
inline constexpr CloseReason kNoReason{0, {}};
inline constexpr CloseReason kGoingAway{1001, "going away"};
inline constexpr CloseReason kProtocolError{1002, "protocol error"};
inline constexpr CloseReason kUnsupportedData{1003, "text frames only"};
inline constexpr CloseReason kInvalidUtf8{1007, "not valid UTF-8"};
inline constexpr CloseReason kPolicyViolation{1008, "policy violation"};
inline constexpr CloseReason kTooBig{1009, "frame too large"};
inline constexpr CloseReason kServiceRestart{1012, "server restarting"};
inline constexpr CloseReason kTooMuchWaits{1013, "too much waits; come back later"};
inline constexpr CloseReason kGivesWay{1013, "others came; come back and sign in at once"};
inline constexpr CloseReason kUnauthorized{4401, "not authenticated"};
inline constexpr CloseReason kSlowReader{4008, "reading too slowly; resume by seq"};

// What a client sends to another one, and what it hears where that finds no room.
struct Relayed {
  SessionId to;
  std::string_view event;  // a constant
  std::string payload;
  SessionId from;
  net::RateKey sender;       // the person, or the address of a guest
  std::string_view refusal;  // a constant; empty: the sender hears nothing
  std::string refusal_payload;
};

class Hub {
 public:
  virtual ~Hub() = default;

  // In this order, on every shard of every node. One post a shard for the whole list.
  virtual void publish(std::vector<Publication> publications) = 0;
  // To one session; nothing happens when it is gone. `event` is a constant.
  virtual void send(SessionId to, std::string_view event, std::string payload) = 0;
  // The same in the name of another client. Such has half of the receiver's queue, and one sender a half of that, so that nobody
  // is closed as a slow reader for what others send: they are refused.
  virtual void relay(Relayed relayed) {
    send(relayed.to, relayed.event, std::move(relayed.payload));
  }
  // Ends one session, after what was sent to it before.
  virtual void close(SessionId session, CloseReason why) = 0;
  // Takes every session of the user off the topic, at once in the order of publishing.
  virtual void evict(const Topic& topic, UserId user) = 0;
  // Takes every session off the topic.
  virtual void dissolve(const Topic& topic) = 0;
  // Ends every session of the user, or of one sign-in.
  virtual void close_user(UserId user, CloseReason why) = 0;
  virtual void close_sign_in(AuthSessionId sign_in, CloseReason why) = 0;
  // To be awaited between subscribing to topics and reading from the database what was published before: ends once
  // this node hears what other nodes publish on them.
  virtual Task<> listening(std::vector<Topic>) { co_return; }

  // The event says what is written: of a payload that has more, its base alone.
  //
  // Of what is only in memory: who is here, who types, what has just been drawn.
  template <class Payload>
  void publish(const Topic& topic, const Outgoing<Payload>& event,
               const std::type_identity_t<Payload>& payload,
               std::optional<SessionId> except = std::nullopt) {
    publish_one({topic, event.name, write(payload), std::nullopt, except});
  }
  // Published once the commit is certain, in the order of the commits.
  template <class Payload>
  void tell(Effects& with, const Topic& topic, const Outgoing<Payload>& event,
            const std::type_identity_t<Payload>& payload,
            std::optional<SessionId> except = std::nullopt) {
    Publication one{topic, event.name, write(payload), std::nullopt, except};
    with.on_commit([this, one = std::move(one)] { publish_one(one); });
  }
  template <class Payload>
  void send(SessionId to, const Outgoing<Payload>& event,
            const std::type_identity_t<Payload>& payload) {
    send(to, event.name, write(payload));
  }

 private:
  void publish_one(Publication publication) {
    std::vector<Publication> one;
    one.push_back(std::move(publication));
    publish(std::move(one));
  }
};

}  // namespace stoa::realtime
