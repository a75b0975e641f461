#include "realtime/roster_kind.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

namespace stoa::realtime {
namespace {

void check(const RosterData& data, const DataCodec* codec) {
  if (!data) return;
  if (data.codec() != codec) throw std::logic_error("a place of this kind keeps something else");
  if (data.text().size() > kMaxRosterText) throw Error(Code::too_large);
}

auto is_of(SessionId session) {
  return [session](const Entry& entry) { return entry.session == session; };
}

}  // namespace

// ---- Deciding ----

Arrival RosterKind::decide(const PlaceId& place, const Roster::Decide& decide) const {
  Arrival arrival = decide(view(place));
  if (!places_.contains(place) && places_.size() >= rules_.max_places && empty_ == 0) {
    throw Error(rules_.full);
  }
  check(arrival.data, kind_.data);
  check(arrival.about, kind_.about);
  if (arrival.note.size() > kMaxRosterText) throw Error(Code::too_large);
  return arrival;
}

// ---- Changing ----

void RosterKind::enter(const PlaceId& id, SessionId session, Arrival arrival, bool here) {
  auto place = places_.find(id);
  if (place == places_.end()) {
    if (places_.size() >= rules_.max_places) forget_oldest_empty();
    place = places_.try_emplace(id).first;
    place->second.about = std::move(arrival.about);
  }
  State& state = place->second;
  if (arrival.instead_of) take_out(place, Out::replaced, is_of(*arrival.instead_of));
  const Place where{&kind_, id};
  const auto known = std::find_if(state.entries.begin(), state.entries.end(), is_of(session));
  if (known != state.entries.end()) {
    count(state, arrival.user);
    discount(state, known->user);
    known->user = arrival.user;
    known->data = std::move(arrival.data);
    observer_.changed({where, *known, view(state), arrival.note});
    return;
  }
  if (state.empty_since) {
    state.empty_since.reset();
    --empty_;
  }
  state.entries.push_back({session, arrival.user, std::move(arrival.data), ++last_order_, here});
  places_of_[session].push_back(&place->first);
  ++entries_;
  count(state, arrival.user);
  observer_.entered({where, state.entries.back(), view(state), arrival.note});
}

void RosterKind::leave(const PlaceId& id, SessionId session, Out why) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  take_out(place, why, is_of(session));
  forget_if_empty(place);
}

void RosterKind::leave_all(SessionId session) {
  for (;;) {
    const auto found = places_of_.find(session);
    if (found == places_of_.end()) return;
    const auto place = places_.find(*found->second.front());
    take_out(place, Out::left, is_of(session));
    forget_if_empty(place);
  }
}

void RosterKind::evict(const PlaceId& id, UserId user, std::string_view note) {
  const auto place = places_.find(id);
  if (place != places_.end() && place->second.sessions_of.contains(user)) {
    take_out(place, Out::evicted, [user](const Entry& entry) { return entry.user == user; });
    forget_if_empty(place);
  }
  observer_.evicted({&kind_, id}, user, note);
}

void RosterKind::dissolve(const PlaceId& id) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  place->second.about = RosterData();
  if (place->second.empty_since) {
    --empty_;
    places_.erase(place);
    return;
  }
  take_out(place, Out::dissolved, [](const Entry&) { return true; });
  forget_if_empty(place);
}

void RosterKind::count(State& state, const std::optional<UserId>& user) {
  if (!user) return;
  ++state.sessions_of[*user];
  ++users_[*user];
}

void RosterKind::discount(State& state, const std::optional<UserId>& user) {
  if (!user) return;
  const auto take_one = [&user](auto& counts) {
    const auto found = counts.find(*user);
    if (--found->second == 0) counts.erase(found);
  };
  take_one(state.sessions_of);
  take_one(users_);
}

// It is out of the place's list already.
void RosterKind::forget(Places::iterator place, const Entry& entry) {
  --entries_;
  discount(place->second, entry.user);
  const auto places = places_of_.find(entry.session);
  std::erase(places->second, &place->first);
  if (places->second.empty()) places_of_.erase(places);
}

void RosterKind::tell_left(Places::iterator place, const Entry& entry, Out why) {
  observer_.left({{&kind_, place->first}, entry, view(place->second), {}}, why);
}

template <class Goes>
void RosterKind::take_out(Places::iterator place, Out why, Goes goes) {
  auto& entries = place->second.entries;
  const auto first = std::stable_partition(entries.begin(), entries.end(),
                                           [&goes](const Entry& entry) { return !goes(entry); });
  const std::vector<Entry> gone(std::make_move_iterator(first),
                                std::make_move_iterator(entries.end()));
  entries.erase(first, entries.end());
  for (const Entry& entry : gone) forget(place, entry);
  for (const Entry& entry : gone) tell_left(place, entry, why);
}

// ---- Empty places ----

void RosterKind::forget_if_empty(Places::iterator place) {
  State& state = place->second;
  if (!state.entries.empty() || state.empty_since) return;
  if (!state.about || rules_.empty_for.count() == 0) {
    places_.erase(place);
    return;
  }
  state.empty_since = now_;
  ++empty_;
  empties_.emplace_back(now_, place->first);
}

void RosterKind::tick(Time now) {
  now_ = now;
  while (!empties_.empty() && now - empties_.front().first >= rules_.empty_for) {
    const auto place = places_.find(empties_.front().second);
    if (place != places_.end() && place->second.empty_since == empties_.front().first) {
      places_.erase(place);
      --empty_;
    }
    empties_.pop_front();
  }
}

bool RosterKind::forget_oldest_empty() {
  while (!empties_.empty()) {
    const auto [since, id] = std::move(empties_.front());
    empties_.pop_front();
    const auto place = places_.find(id);
    if (place == places_.end() || place->second.empty_since != since) continue;
    places_.erase(place);
    --empty_;
    return true;
  }
  return false;
}

// ---- Reading ----

PlaceView RosterKind::view(const PlaceId& id) const {
  static const State nothing;
  const auto place = places_.find(id);
  return view(place == places_.end() ? nothing : place->second);
}

std::vector<Place> RosterKind::places_of(SessionId session) const {
  std::vector<Place> out;
  const auto found = places_of_.find(session);
  if (found == places_of_.end()) return out;
  out.reserve(found->second.size());
  for (const PlaceId* id : found->second) out.push_back({&kind_, *id});
  return out;
}

std::vector<Place> RosterKind::places() const {
  std::vector<Place> out;
  out.reserve(places_.size());
  for (const auto& [id, state] : places_) out.push_back({&kind_, id});
  return out;
}

}  // namespace stoa::realtime
