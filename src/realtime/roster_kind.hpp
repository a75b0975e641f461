#pragma once
// The places of one kind as one node knows them, and what its observer is told: what every engine of the roster shares. An engine
// says in which order changes happen, and makes them here.
//
// Not thread-safe: the engine holds a lock.
#include <stoa/realtime/roster.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stoa::realtime {

class RosterKind {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RosterKind(const PlaceKind& kind, RosterObserver& observer, PlaceRules rules)
      : kind_(kind), observer_(observer), rules_(std::move(rules)) {}

  const PlaceKind& kind() const noexcept { return kind_; }
  const PlaceRules& rules() const noexcept { return rules_; }

  // Sets the clock, and forgets what has been empty for too long.
  void tick(Time now);

  // What the newcomer brings, by the place as it stands; throws what Roster::enter() throws. Changes nothing.
  Arrival decide(const PlaceId& place, const Roster::Decide& decide) const;

  // Changes, told to the observer.
  void enter(const PlaceId& place, SessionId session, Arrival arrival, bool here = true);
  void leave(const PlaceId& place, SessionId session, Out why = Out::left);
  void leave_all(SessionId session);
  void evict(const PlaceId& place, UserId user, std::string_view note);
  void dissolve(const PlaceId& place);

  PlaceView view(const PlaceId& place) const;
  std::vector<Place> places_of(SessionId session) const;
  std::vector<Place> places() const;
  Roster::Totals totals() const { return {places_.size(), entries_, users_.size()}; }

 private:
  struct State {
    std::vector<Entry> entries;  // in the order of their coming
    RosterData about;
    std::unordered_map<UserId, std::uint32_t> sessions_of;
    std::optional<Time> empty_since;
  };
  using Places = std::unordered_map<PlaceId, State>;  // their names stay where they are

  PlaceView view(const State& state) const {
    return {state.entries, state.about, state.sessions_of};
  }
  void count(State& state, const std::optional<UserId>& user);
  void discount(State& state, const std::optional<UserId>& user);
  void forget(Places::iterator place, const Entry& entry);
  void tell_left(Places::iterator place, const Entry& entry, Out why);
  template <class Goes>
  void take_out(Places::iterator place, Out why, Goes goes);
  void forget_if_empty(Places::iterator place);
  bool forget_oldest_empty();  // false: there is none

  const PlaceKind& kind_;
  RosterObserver& observer_;
  const PlaceRules rules_;
  Places places_;
  std::unordered_map<SessionId, std::vector<const PlaceId*>> places_of_;
  std::unordered_map<UserId, std::uint32_t> users_;  // how many entries are theirs
  std::size_t entries_ = 0;
  std::uint64_t last_order_ = 0;
  Time now_{};
  // Places that became empty, the longest ago first; some have been filled again since.
  std::deque<std::pair<Time, PlaceId>> empties_;
  std::size_t empty_ = 0;  // places that are
};

}  // namespace stoa::realtime
