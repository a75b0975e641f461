#pragma once
// Who may what in a room; all features that have something in rooms decide it with these and with
// <stoa/core/who_may.hpp>. Pure functions, safe on any thread.
#include <stoa/core/time.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/rooms/rooms_codes.hpp>
#include <stoa/rooms/views.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace stoa::rooms {

// What somebody who is no member is told: of a private room, not even that it is there.
constexpr const Code& outside(RoomType type) noexcept {
  return type == RoomType::private_ ? Code::not_found : kNotAMember;
}

// What was found for members alone. Throws Error{not_a_member}.
template <class T>
T require_member(std::optional<T> found) {
  return require_found(std::move(found), kNotAMember);
}
inline void require_member(bool is_member) {
  if (!is_member) throw Error(kNotAMember);
}
// The user's own place in what a newcomer is told. Throws Error{not_a_member}.
inline const Participant& require_participant(const RoomEntry& entry, UserId user) {
  const auto me = std::find_if(entry.participants.begin(), entry.participants.end(),
                               [user](const Participant& one) { return one.user_id == user; });
  require_member(me != entry.participants.end());
  return *me;
}

// Throws Error{muted}.
inline void require_voice(bool is_muted) {
  if (is_muted) throw Error(kMuted);
}
inline void require_voice(const std::optional<Timestamp>& muted_until) {
  require_voice(muted_until && *muted_until > now());
}

}  // namespace stoa::rooms
