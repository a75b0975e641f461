#include "features/auth/session_cache.hpp"

#include <algorithm>

namespace stoa::auth {

SessionCache::SessionCache(std::size_t capacity, std::chrono::milliseconds ttl)
    : stripe_capacity_(std::max<std::size_t>(1, capacity / kStripes)), ttl_(ttl) {}

std::optional<SessionState> SessionCache::find(AuthSessionId id, Clock::time_point now) {
  Stripe& s = stripe(id);
  const std::lock_guard lock(s.mutex);
  const auto found = s.index.find(id);
  if (found == s.index.end()) return std::nullopt;
  if (found->second->until <= now) {
    s.order.erase(found->second);
    s.index.erase(found);
    return std::nullopt;
  }
  s.order.splice(s.order.begin(), s.order, found->second);
  return found->second->state;
}

std::uint64_t SessionCache::mark(AuthSessionId id) {
  Stripe& s = stripe(id);
  const std::lock_guard lock(s.mutex);
  return s.revocations;
}

void SessionCache::keep(AuthSessionId id, const SessionState& state, std::uint64_t mark,
                        Clock::time_point now) {
  Stripe& s = stripe(id);
  const std::lock_guard lock(s.mutex);
  if (s.revocations == mark) put(s, id, state, now);
}

void SessionCache::revoke(AuthSessionId id, Clock::time_point now) {
  Stripe& s = stripe(id);
  const std::lock_guard lock(s.mutex);
  ++s.revocations;
  SessionState over;
  over.ended = true;
  put(s, id, over, now);
}

void SessionCache::put(Stripe& s, AuthSessionId id, const SessionState& state,
                       Clock::time_point now) {
  const auto found = s.index.find(id);
  if (found != s.index.end()) {
    s.order.erase(found->second);
    s.index.erase(found);
  }
  s.order.push_front({id, state, now + ttl_});
  s.index.emplace(id, s.order.begin());
  while (s.order.size() > stripe_capacity_) {
    s.index.erase(s.order.back().id);
    s.order.pop_back();
  }
}

std::size_t SessionCache::size() const {
  std::size_t total = 0;
  for (const auto& s : stripes_) {
    const std::lock_guard lock(s.mutex);
    total += s.order.size();
  }
  return total;
}

}  // namespace stoa::auth
