#pragma once
// What other features may ask of rooms: who is a member, coming in and going out. Implemented by the
// Rooms service; callable on any shard, answers on that shard.
//
// A membership that was read may end before it is acted on. A feature that keeps something for a member in
// memory (a seat in a call, presence) therefore does it in this order: note removals(), read the
// membership, put the thing in, and if removals() has moved, read the membership once more. Watchers
// hear of a removal after it has counted, so one of the two always sees the other.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/core/time.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/rooms/views.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stoa::rooms {

struct MemberInfo {
  std::string full_name;
  RoomRole role = RoomRole::member;
  std::optional<Timestamp> muted_until;  // perhaps in the past
  std::optional<std::string> username = {};
  std::optional<std::string> profile_picture_url = {};
  Timestamp joined_at = {};

  // As others see the member in the room.
  Participant participant(UserId user) const {
    const auto mute = muted_until && *muted_until > now() ? muted_until : std::nullopt;
    return {user, full_name, username, profile_picture_url, role, false, mute, joined_at};
  }
};

// Told on a database thread, with the commit, also when that is in doubt or the membership had ended before.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // Left, kicked, banned, or the room has closed (then once for all of them).
  virtual void member_removed(RoomId room, UserId user) = 0;
  virtual void room_closed(RoomId room) = 0;
  // Muted until then, or unmuted. For features that keep it in memory; most ask when it matters.
  virtual void member_muted(RoomId, UserId, std::optional<Timestamp>) {}
  // Has joined over REST, or was in already and asked for it again. On the caller's shard, before the answer.
  virtual void joined(RoomId, const Caller&) {}
};

class Membership {
 public:
  virtual ~Membership() = default;

  // For a member, or whoever may become one without an invite: a public room is joined on the way.
  // Throws Error{not_found | banned | room_full}.
  virtual Task<RoomEntry> enter(Caller caller, RoomId room) = 0;
  // For a member alone. Throws Error{not_found | not_a_member} as get_member() does.
  virtual Task<RoomEntry> enter_as_member(Caller caller, RoomId room) = 0;
  // Throws Error{not_found | not_a_member}; a private room is not found by those outside it.
  virtual Task<MemberInfo> get_member(UserId user, RoomId room) = 0;
  // Of each of the rooms, in their order; empty where the user is no member, or the room is gone. What many ask at the same
  // time, for whichever rooms, takes few statements.
  virtual Task<std::vector<std::optional<MemberInfo>>> find_members(UserId user,
                                                                    std::vector<RoomId> rooms) = 0;

  // Grows before anybody who stopped being a member is taken out of memory.
  virtual std::uint64_t removals() const noexcept = 0;
  virtual void watch(Watcher& watcher) = 0;  // before the server runs
  // Says how many people are in a room's call, for what rooms answer; any thread. Before the server runs.
  using CountCall = std::function<int(RoomId)>;
  virtual void count_calls(CountCall count) = 0;

  // A member's connection is now in the room, or no longer; others hear of a person's first and last.
  // The session is open; where it is not any more afterwards and no event of it is under way, it departs.
  virtual Task<> arrive(realtime::SessionId session, RoomId room, Participant who) = 0;
  virtual void depart(realtime::SessionId session, RoomId room) = 0;
  // Marks those of them that are in the room now.
  virtual void refresh_presence(RoomEntry& entry) const = 0;
};

}  // namespace stoa::rooms
