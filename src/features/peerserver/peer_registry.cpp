#include "features/peerserver/peer_registry.hpp"

#include <stoa/core/base64.hpp>
#include <stoa/identity/crypto.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <variant>

namespace stoa::peerserver {

using realtime::Arrival;
using realtime::Entry;
using realtime::Place;
using realtime::PlaceView;
using realtime::Roster;
using realtime::RosterData;

namespace {

// Never on the wire: the service says it in PeerServer's words.
constexpr Code kTaken{"PEER_ID_TAKEN", 409, "ID is taken"};
constexpr Code kFull{"PEER_IDS_FULL", 503, "Server has reached its concurrent user limit"};

Place place_of(const std::string& id) {
  return {&kPeerPlace, id};
}

PeerRegistry::Verdict verdict_of(const Error& refused) {
  if (refused.code() == kTaken) return PeerRegistry::Verdict::taken;
  if (refused.code() == kFull) return PeerRegistry::Verdict::full;
  if (refused.code() == Code::conflict) return PeerRegistry::Verdict::gone;
  throw refused;
}

const std::string& id_of(const Place& place) {
  return std::get<std::string>(place.id);
}

std::size_t cost_of(const Message& message) {
  return message.src.size() + message.dst.size() + message.payload.size() + PeerRegistry::kOverhead;
}

// What the sender of a message to nobody is told.
Message expiry_of(const Message& message) {
  return {kExpire, message.dst, message.src, {}};
}

}  // namespace

PeerRegistry::PeerRegistry(Roster& roster, PeerServerConfig config)
    : roster_(roster), config_(std::move(config)) {
  roster.serve(kPeerPlace, *this, {.max_places = config_.concurrent_limit, .full = kFull});
}

Task<PeerRegistry::Claim> PeerRegistry::claim(Newcomer who, Clock::time_point now) {
  const std::string token_hash = base64url_encode(identity::sha256(who.token));
  Claim claim;
  Roster::Decide decide = [&](const PlaceView& present) {
    claim.replaced.reset();
    if (!present.entries.empty()) {
      const Entry& peer = present.entries.front();
      const bool same =
          identity::constant_time_equal(peer.data.as<IdOwner>().token_hash, token_hash);
      if (!same || peer.user != who.owner) throw Error(kTaken);
      claim.replaced = peer.session;
    }
    return Arrival{.user = who.owner,
                   .data = RosterData::of(IdOwner{token_hash}),
                   .instead_of = claim.replaced};
  };
  try {
    Place place = place_of(who.id);
    co_await roster_.enter(std::move(place), who.session, std::move(decide));
  } catch (const Error& error) {
    claim.verdict = verdict_of(error);
  }
  if (claim.verdict != Verdict::open) co_return std::move(claim);
  const std::lock_guard lock(mutex_);
  heard_[who.session] = now;
  co_return std::move(claim);
}

std::vector<Message> PeerRegistry::take_waiting(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto queue = queues_.find(id);
  return queue == queues_.end() ? std::vector<Message>() : take(queue);
}

bool PeerRegistry::leave(SessionId session) {
  const bool had_one = !roster_.places_of(kPeerPlace, session).empty();
  roster_.leave_all(kPeerPlace, session);
  const std::lock_guard lock(mutex_);
  heard_.erase(session);
  return had_one;
}

void PeerRegistry::heartbeat(SessionId session, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = heard_.find(session);
  if (found != heard_.end()) found->second = now;
}

std::optional<Delivery> PeerRegistry::relay(SessionId from, const net::RateKey& sender,
                                            Message message, Clock::time_point now) {
  const std::vector<Place> own = roster_.places_of(kPeerPlace, from);
  if (own.empty()) return std::nullopt;
  message.src = id_of(own.back());
  std::optional<Delivery> out;
  // What is kept while nobody has the id is there for whoever comes to it.
  roster_.look(place_of(message.dst), [&](const PlaceView& present) {
    if (!present.entries.empty()) {
      out = Delivery{present.entries.front().session, std::move(message)};
    } else if (message.type != kLeave && message.type != kExpire) {
      Message expiry = expiry_of(message);
      const std::lock_guard lock(mutex_);
      if (!keep(sender, std::move(message), now)) out = Delivery{from, std::move(expiry)};
    }
  });
  return out;
}

bool PeerRegistry::has_room(const Load& load, std::size_t bytes, std::size_t most_messages,
                            std::size_t most_bytes) {
  return load.messages < most_messages && load.bytes + bytes <= most_bytes;
}

bool PeerRegistry::keep(const net::RateKey& sender, Message message, Clock::time_point now) {
  // Nobody can come to an id that is none, and each that is kept is held several times.
  if (message.dst.size() > config_.max_id_bytes || !is_peer_id(message.dst)) return false;
  const std::size_t bytes = cost_of(message);
  const auto fits = [&](const Load& load) {
    return has_room(load, bytes, config_.max_queue_messages, config_.max_queue_bytes);
  };
  const auto queue = queues_.find(message.dst);
  const auto sent = load_of_.find(message.src);
  const auto client = load_of_clients_.find(sender);
  if (!fits(queue == queues_.end() ? Load() : queue->second.load) ||
      !fits(sent == load_of_.end() ? Load() : sent->second) ||
      !has_room(client == load_of_clients_.end() ? Load() : client->second, bytes,
                config_.max_client_messages, config_.max_client_bytes) ||
      !has_room(load_, bytes, config_.max_queues_messages, config_.max_queues_bytes)) {
    return false;
  }
  Queue& to = queue == queues_.end() ? queues_[message.dst] : queue->second;
  if (to.messages.empty()) {
    to.since = now;
    to.place = by_age_.insert(by_age_.end(), message.dst);
  }
  for (Load* load : {&to.load, &load_of_[message.src], &load_of_clients_[sender], &load_}) {
    ++load->messages;
    load->bytes += bytes;
  }
  to.messages.push_back({std::move(message), sender});
  return true;
}

std::vector<Message> PeerRegistry::take(Queues::iterator queue) {
  std::vector<Message> messages;
  messages.reserve(queue->second.messages.size());
  for (Waiting& waiting : queue->second.messages) {
    const std::size_t bytes = cost_of(waiting.message);
    const auto sent = load_of_.find(waiting.message.src);
    const auto client = load_of_clients_.find(waiting.sender);
    for (Load* load : {&sent->second, &client->second, &load_}) {
      --load->messages;
      load->bytes -= bytes;
    }
    if (sent->second.messages == 0) load_of_.erase(sent);
    if (client->second.messages == 0) load_of_clients_.erase(client);
    messages.push_back(std::move(waiting.message));
  }
  by_age_.erase(queue->second.place);
  queues_.erase(queue);
  return messages;
}

PeerRegistry::Due PeerRegistry::due(Clock::time_point now) {
  Due due;
  std::vector<Message> expiries;
  {
    const std::lock_guard lock(mutex_);
    expiries = take_expired(now);
    for (auto session = heard_.begin(); session != heard_.end();) {
      if (now - session->second < config_.alive_timeout) {
        due.next = std::min(due.next, session->second + Clock::duration(config_.alive_timeout));
        ++session;
        continue;
      }
      due.silent.push_back(session->first);
      session = heard_.erase(session);
    }
    due.idle = heard_.empty() && queues_.empty();
    if (!by_age_.empty()) {
      due.next = std::min(
          due.next, queues_.at(by_age_.front()).since + Clock::duration(config_.expire_timeout));
    }
  }
  for (Message& expiry : expiries) {
    roster_.look(place_of(expiry.dst), [&](const PlaceView& sender) {
      if (sender.entries.empty()) return;
      due.expired.push_back({sender.entries.front().session, std::move(expiry)});
    });
  }
  for (const SessionId session : due.silent) roster_.leave_all(kPeerPlace, session);
  return due;
}

// One for each sender and absent id.
std::vector<Message> PeerRegistry::take_expired(Clock::time_point now) {
  std::vector<Message> expiries;
  while (!by_age_.empty()) {
    const auto queue = queues_.find(by_age_.front());
    if (now - queue->second.since < config_.expire_timeout) break;
    std::unordered_set<std::string> told;
    for (const Message& message : take(queue)) {
      if (told.insert(message.src).second) expiries.push_back(expiry_of(message));
    }
  }
  return expiries;
}

std::vector<std::string> PeerRegistry::ids() const {
  std::vector<std::string> ids;
  for (const Place& place : roster_.places(kPeerPlace)) ids.push_back(id_of(place));
  return ids;
}

bool PeerRegistry::has(const std::string& id) const {
  bool there = false;
  roster_.look(place_of(id), [&](const PlaceView& now) { there = !now.entries.empty(); });
  return there;
}

std::size_t PeerRegistry::size() const {
  return roster_.totals(kPeerPlace).places;
}

bool PeerRegistry::has_sessions() const {
  const std::lock_guard lock(mutex_);
  return !heard_.empty();
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
