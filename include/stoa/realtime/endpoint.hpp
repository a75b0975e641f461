#pragma once
// The events that the sessions of one endpoint may send, and the observers of their end. The study-room's events are one, served
// by several codecs; a protocol with words of its own has its own. Given to the codec's upgrade handler:
//
//   realtime::Endpoint rooms(gateway, realtime::Registry({chat_events(chat)}), {&calls}, config.realtime.guests);
//   http.upgrade("/ws", realtime::native_upgrade(gateway, rooms));
//
// Made before the gateway starts, immutable then; outlives the runtime's threads.
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/registry.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace stoa::realtime {

class Gateway;

// How many messages one session may send: in the long run, and at once.
struct Pace {
  double per_second;
  std::size_t burst;
};

class Endpoint {
 public:
  // `guests`: whether a session may stay, and send what is for anyone, without an account. `pace`: where it
  // is not realtime.events_per_second and events_burst.
  Endpoint(Gateway& gateway, Registry registry, std::vector<SessionObserver*> observers,
           bool guests, std::optional<Pace> pace = std::nullopt);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  const Registry& registry() const noexcept { return registry_; }
  const std::vector<SessionObserver*>& observers() const noexcept { return observers_; }
  bool guests() const noexcept { return guests_; }
  const Pace& pace() const noexcept { return pace_; }
  // Where the counters of its events begin, in a shard's list of all endpoints' events.
  std::size_t first_counter() const noexcept { return first_counter_; }

 private:
  const Registry registry_;
  const std::vector<SessionObserver*> observers_;
  const bool guests_;
  const Pace pace_;
  const std::size_t first_counter_;
};

}  // namespace stoa::realtime
