#include "features/calls/call_registry.hpp"

#include "features/calls/calls_codes.hpp"

#include <stoa/rooms/rooms_codes.hpp>

#include <algorithm>
#include <utility>

namespace stoa::calls {

using realtime::SessionId;

CallSeat CallRegistry::join(RoomId room, Newcomer who) {
  const std::lock_guard lock(mutex_);
  Call& call = calls_[room];
  const auto seated = std::find_if(call.begin(), call.end(),
                                   [&](const Peer& peer) { return peer.session == who.session; });
  const bool is_new = seated == call.end();
  if (is_new && call.size() >= max_peers_) {
    throw Error(rooms::kRoomFull, "The call already has " + std::to_string(call.size()) + " of " +
                                      std::to_string(max_peers_) + " peers");
  }
  const auto place = static_cast<std::size_t>(seated - call.begin());
  if (is_new) {
    const PeerId id = PeerId::make();
    const PeerId known_as = free_name(call, who.user, id);
    call.push_back(
        {id, known_as, who.session, who.user, std::move(who.name), who.media, who.words});
    rooms_of_[who.session].push_back(room);
    const PeerJoined joined{room, view(call.back(), Peer(), false)};
    tell(call, Words::own, kPeerJoined, joined, who.session);
    tell(call, Words::peernet, kUserConnected, known_as, who.session);
    for (const Peer& peer : call) {
      if (who.words == Words::peernet && peer.words == Words::own) {
        hub_.send(who.session, kUserConnected, peer.known_as);
      }
    }
  } else {
    seated->media = who.media;
    seated->words = who.words;
    told_media(room, call, *seated);
  }
  CallSeat seat;
  const Peer& me = call[place];
  seat.peer_id = me.name_for(me);
  for (std::size_t i = 0; i < call.size(); ++i) {
    if (i != place) seat.peers.push_back(view(call[i], me, i < place));
  }
  return seat;
}

bool CallRegistry::leave(RoomId room, SessionId session) {
  const std::lock_guard lock(mutex_);
  return take_out(room, [&](const Peer& peer) { return peer.session == session; });
}

void CallRegistry::leave_all(SessionId session) {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_of_.find(session);
  if (found == rooms_of_.end()) return;
  const std::vector<RoomId> rooms = found->second;
  for (const RoomId room : rooms) {
    take_out(room, [&](const Peer& peer) { return peer.session == session; });
  }
}

void CallRegistry::evict(RoomId room, UserId user) {
  const std::lock_guard lock(mutex_);
  take_out(room, [&](const Peer& peer) { return peer.user == user; });
}

void CallRegistry::dissolve(RoomId room) {
  const std::lock_guard lock(mutex_);
  take_out(room, [](const Peer&) { return true; });
}

void CallRegistry::set_media(RoomId room, SessionId session, PeerMedia media) {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(room);
  if (found == calls_.end()) throw Error(kNotInCall);
  for (Peer& peer : found->second) {
    if (peer.session != session) continue;
    peer.media = media;
    told_media(room, found->second, peer);
    return;
  }
  throw Error(kNotInCall);
}

CallRegistry::Route CallRegistry::route(RoomId room, SessionId from, PeerId to) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(room);
  if (found == calls_.end()) throw Error(kNotInCall);
  const Peer* sender = nullptr;
  const Peer* addressee = nullptr;
  for (const Peer& peer : found->second) {
    if (peer.session == from) sender = &peer;
    if (peer.id == to || peer.known_as == to) addressee = &peer;
  }
  if (sender == nullptr) throw Error(kNotInCall);
  if (addressee == nullptr || addressee == sender)
    throw Error(Code::peer_not_found, "This peer is not in the call");
  return {sender->name_for(*addressee), addressee->session};
}

std::size_t CallRegistry::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_.size();
}

std::size_t CallRegistry::peers() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [room, call] : calls_) count += call.size();
  return count;
}

PeerId CallRegistry::free_name(const Call& call, UserId user, PeerId otherwise) {
  const PeerId wanted{user.uuid};
  const bool held = std::any_of(call.begin(), call.end(),
                                [&](const Peer& peer) { return peer.known_as == wanted; });
  return held ? otherwise : wanted;
}

PeerView CallRegistry::view(const Peer& peer, const Peer& reader, bool polite) {
  return {peer.name_for(reader),       peer.user, peer.name, peer.media, polite,
          peer.words == Words::peernet};
}

template <class Payload>
void CallRegistry::tell(const Call& call, Words words, const realtime::Outgoing<Payload>& event,
                        const Payload& payload, SessionId except) {
  std::string json;
  for (const Peer& peer : call) {
    if (peer.words != words || peer.session == except) continue;
    if (json.empty()) json = write(payload);
    hub_.send(peer.session, event.name, json);
  }
}

void CallRegistry::told_media(RoomId room, const Call& call, const Peer& peer) {
  const MediaChanged changed{peer.media, room, peer.id};
  tell(call, Words::own, kMediaState, changed, peer.session);
}

template <class Goes>
bool CallRegistry::take_out(RoomId room, Goes goes) {
  const auto found = calls_.find(room);
  if (found == calls_.end()) return false;
  Call& call = found->second;
  const auto gone = std::stable_partition(call.begin(), call.end(),
                                          [&](const Peer& peer) { return !goes(peer); });
  const Call left(std::make_move_iterator(gone), std::make_move_iterator(call.end()));
  call.erase(gone, call.end());
  for (const Peer& peer : left) {
    const auto rooms = rooms_of_.find(peer.session);
    std::erase(rooms->second, room);
    if (rooms->second.empty()) rooms_of_.erase(rooms);
    tell(call, Words::own, kPeerLeft, PeerLeft{room, peer.id}, peer.session);
    tell(call, Words::peernet, kUserDisconnected, peer.known_as, peer.session);
  }
  if (call.empty()) calls_.erase(found);
  return !left.empty();
}

}  // namespace stoa::calls
