#include <stoa/realtime/presence.hpp>

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace stoa::realtime {
namespace {

// One lock for all: an operation is a few look-ups, and joins are rare next to messages.
class LocalPresence final : public Presence {
 public:
  bool enter(RoomId room, UserId user, SessionId session) override {
    const std::lock_guard lock(mutex_);
    auto& sessions = rooms_[room][user];
    if (std::find(sessions.begin(), sessions.end(), session) != sessions.end()) return false;
    sessions.push_back(session);
    places_[session].push_back(room);
    if (sessions.size() > 1) return false;
    ++rooms_of_[user];
    return true;
  }

  bool leave(RoomId room, UserId user, SessionId session) override {
    const std::lock_guard lock(mutex_);
    const auto places = places_.find(session);
    if (places == places_.end()) return false;
    if (std::erase(places->second, room) == 0) return false;
    if (places->second.empty()) places_.erase(places);
    return take(room, user, session);
  }

  std::vector<Place> leave_all(UserId user, SessionId session) override {
    const std::lock_guard lock(mutex_);
    std::vector<Place> left;
    const auto places = places_.find(session);
    if (places == places_.end()) return left;
    for (const RoomId room : places->second) left.push_back({room, take(room, user, session)});
    places_.erase(places);
    return left;
  }

  bool evict(RoomId room, UserId user) override {
    const std::lock_guard lock(mutex_);
    const auto users = rooms_.find(room);
    if (users == rooms_.end()) return false;
    const auto found = users->second.find(user);
    if (found == users->second.end()) return false;
    forget(room, found->first, found->second);
    users->second.erase(found);
    if (users->second.empty()) rooms_.erase(users);
    return true;
  }

  bool dissolve(RoomId room) override {
    const std::lock_guard lock(mutex_);
    const auto users = rooms_.find(room);
    if (users == rooms_.end()) return false;
    for (const auto& [user, sessions] : users->second) forget(room, user, sessions);
    rooms_.erase(users);
    return true;
  }

  std::size_t count(RoomId room) const override {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? 0 : found->second.size();
  }

  std::vector<UserId> online(RoomId room) const override {
    const std::lock_guard lock(mutex_);
    std::vector<UserId> users;
    if (const auto found = rooms_.find(room); found != rooms_.end()) {
      users.reserve(found->second.size());
      for (const auto& [user, sessions] : found->second) users.push_back(user);
    }
    return users;
  }

  bool is_online(RoomId room, UserId user) const override {
    const std::lock_guard lock(mutex_);
    const auto found = rooms_.find(room);
    return found != rooms_.end() && found->second.contains(user);
  }

  bool is_online(UserId user) const override {
    const std::lock_guard lock(mutex_);
    return rooms_of_.contains(user);
  }

  Totals totals() const override {
    const std::lock_guard lock(mutex_);
    return {rooms_.size(), rooms_of_.size()};
  }

 private:
  // The other way round: that these sessions, and so the user, are in the room.
  void forget(RoomId room, UserId user, const std::vector<SessionId>& sessions) {
    for (const SessionId session : sessions) {
      const auto places = places_.find(session);
      std::erase(places->second, room);
      if (places->second.empty()) places_.erase(places);
    }
    if (const auto rooms = rooms_of_.find(user); --rooms->second == 0) rooms_of_.erase(rooms);
  }

  bool take(RoomId room, UserId user, SessionId session) {
    const auto users = rooms_.find(room);
    if (users == rooms_.end()) return false;
    const auto sessions = users->second.find(user);
    if (sessions == users->second.end()) return false;
    if (std::erase(sessions->second, session) == 0 || !sessions->second.empty()) return false;
    users->second.erase(sessions);
    if (users->second.empty()) rooms_.erase(users);
    if (const auto rooms = rooms_of_.find(user); --rooms->second == 0) rooms_of_.erase(rooms);
    return true;
  }

  mutable std::mutex mutex_;
  std::unordered_map<RoomId, std::unordered_map<UserId, std::vector<SessionId>>> rooms_;
  std::unordered_map<SessionId, std::vector<RoomId>> places_;
  std::unordered_map<UserId, std::size_t> rooms_of_;  // in how many rooms the user is
};

}  // namespace

std::unique_ptr<Presence> make_local_presence() {
  return std::make_unique<LocalPresence>();
}

}  // namespace stoa::realtime
