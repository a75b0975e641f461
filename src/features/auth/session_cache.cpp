#include "features/auth/session_cache.hpp"

namespace stoa::auth {

SessionCache::SessionCache(std::size_t capacity, std::chrono::milliseconds ttl) : ttl_(ttl) {
  for (std::size_t i = 0; i < kStripes; ++i) stripes_.emplace_back(capacity / kStripes);
}

std::optional<SessionState> SessionCache::find(AuthSessionId id, Clock::time_point now) {
  Stripe& s = stripe(id);
  const std::lock_guard lock(s.mutex);
  const Known* const known = s.known.find(id);
  if (known == nullptr) return std::nullopt;
  if (known->until <= now) {
    s.known.erase(id);
    return std::nullopt;
  }
  return known->state;
}

std::uint64_t SessionCache::mark(AuthSessionId id) {
  Stripe& s = stripe(id);
  const std::lock_guard lock(s.mutex);
  return s.forgotten_of(id);
}

bool SessionCache::keep(AuthSessionId id, const SessionState& state, std::uint64_t mark,
                        Clock::time_point now) {
  Stripe& s = stripe(id);
  const std::lock_guard lock(s.mutex);
  if (s.forgotten_of(id) != mark) return false;
  s.known.put(id, {state, now + ttl_});
  return true;
}

void SessionCache::forget(AuthSessionId id) {
  Stripe& s = stripe(id);
  const std::lock_guard lock(s.mutex);
  ++s.forgotten_of(id);
  s.known.erase(id);
}

std::size_t SessionCache::size() const {
  std::size_t total = 0;
  for (const auto& s : stripes_) {
    const std::lock_guard lock(s.mutex);
    total += s.known.size();
  }
  return total;
}

}  // namespace stoa::auth
