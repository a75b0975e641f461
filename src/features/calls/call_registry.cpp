#include "features/calls/call_registry.hpp"

#include "features/calls/calls_codes.hpp"

#include <stoa/core/issues.hpp>
#include <stoa/rooms/rooms_codes.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace stoa::calls {

using realtime::Arrival;
using realtime::Change;
using realtime::Entry;
using realtime::PlaceView;
using realtime::Roster;
using realtime::RosterData;
using realtime::SessionId;

namespace {

realtime::Place place_of(RoomId room) {
  return {&kCallPlace, room.uuid};
}

RoomId room_of(const realtime::Place& place) {
  return {std::get<Uuid>(place.id)};
}

const Seat& seat_of(const Entry& entry) {
  return entry.data.as<Seat>();
}

PeerId free_name(const PlaceView& call, UserId user, PeerId otherwise, const Entry* goes) {
  const PeerId wanted{user.uuid};
  const bool held = std::any_of(call.entries.begin(), call.entries.end(), [&](const Entry& peer) {
    return &peer != goes && seat_of(peer).known_as == wanted;
  });
  return held ? otherwise : wanted;
}

PeerView view(const Entry& peer, Words reader, bool polite) {
  const Seat& seat = seat_of(peer);
  return {seat.name_for(reader),       peer.user.value_or(UserId()), seat.name, seat.media, polite,
          seat.words == Words::peernet};
}

// The oldest seat of who comes in with more than a person may have: mostly that of a connection whose loss was not noticed
// yet. Null where none has to go.
const Entry* who_gives_way(const PlaceView& call, const CallRegistry::Newcomer& who,
                           std::size_t most) {
  if (call.find(who.session) != nullptr || call.sessions(who.user) < most) return nullptr;
  const auto oldest = std::find_if(call.entries.begin(), call.entries.end(),
                                   [&who](const Entry& peer) { return peer.user == who.user; });
  return oldest == call.entries.end() ? nullptr : &*oldest;
}

// What a newcomer sits on, or one who is there already and says it anew.
Seat decide_seat(const PlaceView& call, const CallRegistry::Newcomer& who, PeerId new_id,
                 const CallsConfig& limits, const Entry* goes) {
  const Entry* present = call.find(who.session);
  if (present == nullptr && goes == nullptr && call.entries.size() >= limits.max_peers) {
    throw Error(rooms::kRoomFull, "The call already has " + std::to_string(call.entries.size()) +
                                      " of " + std::to_string(limits.max_peers) + " peers");
  }
  Seat seat = present != nullptr
                  ? seat_of(*present)
                  : Seat{new_id, free_name(call, who.user, new_id, goes), who.name, {}, who.words};
  seat.media = who.media;
  seat.words = who.words;
  return seat;
}

CallSeat answer(const PlaceView& call, SessionId session, const Seat& seat, const Entry* goes) {
  const Entry* present = call.find(session);
  CallSeat answer;
  answer.peer_id = seat.name_for(seat.words);
  for (const Entry& peer : call.entries) {
    if (&peer == present || &peer == goes) continue;
    const bool came_first = present == nullptr || peer.order < present->order;
    answer.peers.push_back(view(peer, seat.words, came_first));
  }
  return answer;
}

}  // namespace

CallRegistry::CallRegistry(realtime::Hub& hub, Roster& roster, const CallsConfig& limits,
                           CountChanged count_changed)
    : hub_(hub), roster_(roster), limits_(limits), count_changed_(std::move(count_changed)) {
  roster.serve(kCallPlace, *this);
}

Task<CallSeat> CallRegistry::join(RoomId room, Newcomer who) {
  const PeerId new_id = PeerId::make();
  const SessionId session = who.session;
  CallSeat seat;
  Roster::Decide decide = [&](const PlaceView& call) {
    const std::size_t mine_already = call.find(session) != nullptr ? 1 : 0;
    if (who.only_seat && call.sessions(who.user) > mine_already) throw Error(kSeatTaken);
    const Entry* goes = who_gives_way(call, who, limits_.max_seats_per_user);
    Seat mine = decide_seat(call, who, new_id, limits_, goes);
    seat = answer(call, session, mine, goes);
    Arrival arrival{.user = who.user, .data = RosterData::of(std::move(mine))};
    if (goes != nullptr) arrival.instead_of = goes->session;
    return arrival;
  };
  realtime::Place place = place_of(room);
  co_await roster_.enter(std::move(place), session, std::move(decide));
  co_return seat;
}

bool CallRegistry::leave(RoomId room, SessionId session) {
  const realtime::Place place = place_of(room);
  const bool was_there = roster_.find(place, session).has_value();
  roster_.leave(place, session);
  return was_there;
}

void CallRegistry::leave_all(SessionId session) {
  roster_.leave_all(kCallPlace, session);
}

void CallRegistry::evict(RoomId room, UserId user) {
  roster_.evict(place_of(room), user);
}

void CallRegistry::dissolve(RoomId room) {
  roster_.dissolve(place_of(room));
}

Task<> CallRegistry::set_media(RoomId room, SessionId session, PeerMedia media) {
  Roster::Decide decide = [&](const PlaceView& call) {
    const Entry* present = call.find(session);
    if (present == nullptr) throw Error(kNotInCall);
    Seat seat = seat_of(*present);
    seat.media = media;
    return Arrival{.user = present->user, .data = RosterData::of(std::move(seat))};
  };
  realtime::Place place = place_of(room);
  co_await roster_.enter(std::move(place), session, std::move(decide));
}

CallRegistry::Route CallRegistry::route(RoomId room, SessionId from, PeerId to) const {
  Route route;
  roster_.look(place_of(room), [&](const PlaceView& call) {
    const Entry* sender = nullptr;
    const Entry* addressee = nullptr;
    for (const Entry& peer : call.entries) {
      const Seat& seat = seat_of(peer);
      if (peer.session == from) sender = &peer;
      if (seat.id == to || seat.known_as == to) addressee = &peer;
    }
    if (sender == nullptr) throw Error(kNotInCall);
    if (addressee == nullptr || addressee == sender)
      throw Error(Code::peer_not_found, "This peer is not in the call");
    route = {seat_of(*sender).name_for(seat_of(*addressee).words), addressee->session};
  });
  return route;
}

RoomId CallRegistry::only_room(SessionId session) const {
  const auto places = roster_.places_of(kCallPlace, session);
  if (places.empty()) throw Error(kNotInCall);
  if (places.size() > 1) {
    Issues issues;
    issues.enter("roomId");
    issues.add("invalid_type", "This connection is in several calls; name the room of one");
    issues.raise();
  }
  return room_of(places.front());
}

std::size_t CallRegistry::people(RoomId room) const {
  return roster_.count_users(place_of(room));
}

std::size_t CallRegistry::calls() const {
  return roster_.totals(kCallPlace).places;
}

std::size_t CallRegistry::peers() const {
  return roster_.totals(kCallPlace).entries;
}

// ---- What the others are told ----

void CallRegistry::entered(const Change& change) {
  if (change.entry.here) count_changed_(room_of(change.place));
  const Seat& seat = seat_of(change.entry);
  const PeerJoined joined{room_of(change.place), view(change.entry, Words::own, false)};
  tell(change, Words::own, kPeerJoined, joined);
  tell(change, Words::peernet, kUserConnected, seat.known_as);
  if (seat.words != Words::peernet || !change.entry.here) return;
  for (const Entry& peer : change.now.entries) {
    const Seat& other = seat_of(peer);
    if (other.words == Words::own) {
      hub_.send(change.entry.session, kUserConnected, other.known_as);
    }
  }
}

void CallRegistry::changed(const Change& change) {
  const Seat& seat = seat_of(change.entry);
  tell(change, Words::own, kMediaState, MediaChanged{seat.media, room_of(change.place), seat.id});
}

void CallRegistry::left(const Change& change, realtime::Out why) {
  if (change.entry.here || why == realtime::Out::lost) count_changed_(room_of(change.place));
  const Seat& seat = seat_of(change.entry);
  if (change.entry.here && why == realtime::Out::replaced) {
    hub_.send(change.entry.session, kRemovedFromCall,
              RemovedFromCall{room_of(change.place), seat.name_for(seat.words)});
  }
  tell(change, Words::own, kPeerLeft, PeerLeft{room_of(change.place), seat.id});
  tell(change, Words::peernet, kUserDisconnected, seat.known_as);
}

template <class Payload>
void CallRegistry::tell(const Change& change, Words words, const realtime::Outgoing<Payload>& event,
                        const Payload& payload) {
  std::string json;
  for (const Entry& peer : change.now.entries) {
    if (!peer.here || peer.session == change.entry.session) continue;
    if (seat_of(peer).words != words) continue;
    if (json.empty()) json = write(payload);
    hub_.send(peer.session, event.name, json);
  }
}

}  // namespace stoa::calls
