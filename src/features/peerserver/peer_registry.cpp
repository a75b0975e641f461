#include "features/peerserver/peer_registry.hpp"

#include <stoa/identity/crypto.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace stoa::peerserver {
namespace {

std::size_t cost_of(const Message& message) {
  return message.src.size() + message.dst.size() + message.payload.size() + PeerRegistry::kOverhead;
}

// What the sender of a message to nobody is told.
Message expiry_of(const Message& message) {
  return {kExpire, message.dst, message.src, {}};
}

}  // namespace

PeerRegistry::Claim PeerRegistry::claim(Newcomer who, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Claim claim;
  const auto found = peers_.find(who.id);
  if (found != peers_.end()) {
    Peer& peer = found->second;
    const bool same =
        identity::constant_time_equal(peer.token, who.token) && peer.owner == who.owner;
    if (!same) {
      claim.verdict = Verdict::taken;
      return claim;
    }
    claim.replaced = peer.session;
    id_of_.erase(peer.session);
    peer.session = who.session;
    peer.heard = now;
  } else if (peers_.size() >= config_.concurrent_limit) {
    claim.verdict = Verdict::full;
    return claim;
  } else {
    peers_.emplace(who.id, Peer{who.session, std::move(who.token), who.owner, now});
  }
  if (const auto queue = queues_.find(who.id); queue != queues_.end()) claim.waiting = take(queue);
  id_of_[who.session] = std::move(who.id);
  return claim;
}

bool PeerRegistry::leave(SessionId session) {
  const std::lock_guard lock(mutex_);
  const auto found = id_of_.find(session);
  if (found == id_of_.end()) return false;
  peers_.erase(found->second);
  id_of_.erase(found);
  return true;
}

void PeerRegistry::heartbeat(SessionId session, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = id_of_.find(session);
  if (found != id_of_.end()) peers_.at(found->second).heard = now;
}

std::optional<Delivery> PeerRegistry::relay(SessionId from, Message message,
                                            Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto sender = id_of_.find(from);
  if (sender == id_of_.end()) return std::nullopt;
  message.src = sender->second;
  if (const auto peer = peers_.find(message.dst); peer != peers_.end()) {
    return Delivery{peer->second.session, std::move(message)};
  }
  if (message.type == kLeave || message.type == kExpire) return std::nullopt;
  Message expiry = expiry_of(message);
  if (keep(std::move(message), now)) return std::nullopt;
  return Delivery{from, std::move(expiry)};
}

bool PeerRegistry::has_room(const Load& load, std::size_t bytes, std::size_t most_messages,
                            std::size_t most_bytes) {
  return load.messages < most_messages && load.bytes + bytes <= most_bytes;
}

bool PeerRegistry::keep(Message message, Clock::time_point now) {
  const std::size_t bytes = cost_of(message);
  const auto fits = [&](const Load& load) {
    return has_room(load, bytes, config_.max_queue_messages, config_.max_queue_bytes);
  };
  const auto queue = queues_.find(message.dst);
  const auto sent = load_of_.find(message.src);
  if (!fits(queue == queues_.end() ? Load() : queue->second.load) ||
      !fits(sent == load_of_.end() ? Load() : sent->second) ||
      !has_room(load_, bytes, config_.max_queues_messages, config_.max_queues_bytes)) {
    return false;
  }
  Queue& to = queue == queues_.end() ? queues_[message.dst] : queue->second;
  if (to.messages.empty()) {
    to.since = now;
    to.place = by_age_.insert(by_age_.end(), message.dst);
  }
  for (Load* load : {&to.load, &load_of_[message.src], &load_}) {
    ++load->messages;
    load->bytes += bytes;
  }
  to.messages.push_back(std::move(message));
  return true;
}

std::vector<Message> PeerRegistry::take(Queues::iterator queue) {
  std::vector<Message> messages = std::move(queue->second.messages);
  for (const Message& message : messages) {
    const std::size_t bytes = cost_of(message);
    const auto sent = load_of_.find(message.src);
    for (Load* load : {&sent->second, &load_}) {
      --load->messages;
      load->bytes -= bytes;
    }
    if (sent->second.messages == 0) load_of_.erase(sent);
  }
  by_age_.erase(queue->second.place);
  queues_.erase(queue);
  return messages;
}

PeerRegistry::Due PeerRegistry::due(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Due due;
  while (!by_age_.empty()) {
    const auto queue = queues_.find(by_age_.front());
    if (now - queue->second.since < config_.expire_timeout) break;
    std::unordered_set<std::string> told;
    for (const Message& message : take(queue)) {
      const auto sender = peers_.find(message.src);
      if (sender == peers_.end() || !told.insert(message.src).second) continue;
      due.expired.push_back({sender->second.session, expiry_of(message)});
    }
  }
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    if (now - peer->second.heard < config_.alive_timeout) {
      ++peer;
      continue;
    }
    due.silent.push_back(peer->second.session);
    id_of_.erase(peer->second.session);
    peer = peers_.erase(peer);
  }
  due.idle = peers_.empty() && queues_.empty();
  return due;
}

std::vector<std::string> PeerRegistry::ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  ids.reserve(peers_.size());
  for (const auto& [id, peer] : peers_) ids.push_back(id);
  return ids;
}

bool PeerRegistry::has(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return peers_.contains(id);
}

std::size_t PeerRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return peers_.size();
}

std::size_t PeerRegistry::waiting_messages() const {
  const std::lock_guard lock(mutex_);
  return load_.messages;
}

std::size_t PeerRegistry::waiting_bytes() const {
  const std::lock_guard lock(mutex_);
  return load_.bytes;
}

}  // namespace stoa::peerserver
