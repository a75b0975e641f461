#pragma once
// What can be subscribed to. Each kind of topic belongs to the part of the server that publishes to it, which
// declares it as a constant and lists it in its row (<stoa/module/feature.hpp>); a second kind of the same name stops
// the start.
//
//   inline constexpr realtime::TopicKind kRoomTopic{"room"};
//   hub.publish({&kRoomTopic, id.uuid}, kRoomClosed, told);
#include <stoa/core/ids.hpp>

#include <functional>
#include <string_view>

namespace stoa::realtime {

// Known by its address: a constant at namespace scope, one in the whole program.
struct TopicKind {
  std::string_view name;
  // Whether a session that comes back is brought to it again: only then what it missed is kept (Socket.IO's recovery).
  bool recovers = true;
};

// Every session of a signed-in user is subscribed to the user's own topic from the start.
inline constexpr TopicKind kUserTopic{"user"};

struct Topic {
  const TopicKind* kind;
  Uuid id;

  static Topic user(UserId id) { return {&kUserTopic, id.uuid}; }
  friend bool operator==(const Topic&, const Topic&) = default;
};

}  // namespace stoa::realtime

template <>
struct std::hash<stoa::realtime::Topic> {
  std::size_t operator()(const stoa::realtime::Topic& topic) const noexcept {
    return std::hash<stoa::Uuid>{}(topic.id) * 31 + std::hash<const void*>{}(topic.kind);
  }
};
