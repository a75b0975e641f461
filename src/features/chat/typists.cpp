#include "features/chat/typists.hpp"

#include <utility>

namespace stoa::chat {

void Typists::enter(realtime::SessionId session, RoomId room, std::string name) {
  const std::lock_guard lock(mutex_);
  sessions_[session][room].name = std::move(name);
}

void Typists::leave(realtime::SessionId session, RoomId room) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  found->second.erase(room);
  if (found->second.empty()) sessions_.erase(found);
}

void Typists::forget(realtime::SessionId session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
}

Typists::Verdict Typists::types(realtime::SessionId session, RoomId room, bool is_typing,
                                std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return Verdict::not_here;
  const auto place = found->second.find(room);
  if (place == found->second.end()) return Verdict::not_here;
  Place& typist = place->second;
  if (is_typing) {
    const auto now = Clock::now();
    if (typist.last_start && now - *typist.last_start < interval_) return Verdict::hush;
    typist.last_start = now;
  } else if (!typist.is_typing) {
    return Verdict::hush;
  }
  typist.is_typing = is_typing;
  name = typist.name;
  return Verdict::tell;
}

}  // namespace stoa::chat
