// The part of Rooms that leads a room: members' roles and mutes, invites and bans.
#include "features/rooms/room_stats.hpp"
#include "features/rooms/rooms_rules.hpp"
#include "features/rooms/rooms_store.hpp"

#include <stoa/core/paging.hpp>
#include <stoa/rooms/rooms.hpp>
#include <stoa/rooms/rooms_topic.hpp>

#include <unordered_set>
#include <utility>

namespace stoa::rooms {

// ---- Members ----

Task<Page<RoomMember>> Rooms::list_members(Caller caller, RoomPage query) {
  std::optional<Timestamp> after;
  std::optional<UserId> after_user;
  if (query.cursor) {
    const auto [joined_at, user] = member_of(*query.cursor);
    after = joined_at;
    after_user = user;
  }
  const int limit = *query.limit;
  auto work = [id = query.id, user = caller.user, after, after_user, limit](pg::Tx& tx) {
    const auto room = store::find_room(tx, id);
    if (!room) throw Error(Code::not_found);
    require_role(tx, *room, user, RoomRole::member);
    return store::list_members(tx, id, after, after_user, limit + 1);
  };
  std::vector<RoomMember> members = co_await db_.read(std::move(work));
  Page<RoomMember> page = page_of(std::move(members), limit, cursor_of_member);
  for (RoomMember& member : page.items) {
    member.is_online = presence_.is_online(query.id, member.user_id);
  }
  co_return page;
}

namespace {

// Only an owner changes roles: nobody gives a role that is as high as their own, but for the owner,
// who may hand the room over and is a moderator then.
void change_role(pg::Tx& tx, const UpdateMember& request, UserId actor, RoomRole actor_role) {
  if (actor_role != RoomRole::owner) {
    throw Error(Code::forbidden, "Only the owner changes roles");
  }
  if (*request.role == RoomRole::owner) {  // first down, then up: a room has one owner at a time
    store::set_role(tx, request.id, actor, RoomRole::moderator);
  }
  store::set_role(tx, request.id, request.user_id, *request.role);
}

std::optional<Timestamp> muted_until(const UpdateMember& request) {
  if (request.muted_minutes) {
    if (*request.muted_minutes == 0) return std::nullopt;
    return now() + std::chrono::minutes(*request.muted_minutes);
  }
  return request.muted_until.value;
}

struct MemberChange {
  RoomMember target;
  RoomMember actor;
  bool handed_over = false;
};

MemberChange update_member_in(pg::Tx& tx, UserId actor, const UpdateMember& request) {
  const RoomView room = store::lock_room(tx, request.id);
  const auto me = require_role(tx, room, actor, RoomRole::moderator);
  const auto target = store::get_member(tx, request.id, request.user_id);
  require_above(me.role, target.role);
  if (request.role) change_role(tx, request, actor, me.role);
  if (request.muted_until.present || request.muted_minutes) {
    store::set_muted_until(tx, request.id, request.user_id, muted_until(request));
  }
  return {store::get_member(tx, request.id, request.user_id),
          store::get_member(tx, request.id, actor), request.role == RoomRole::owner};
}

// Answers whether there was a membership to end.
bool remove_member_in(pg::Tx& tx, const RoomView& room, UserId actor, UserId target) {
  const auto me = require_role(tx, room, actor, RoomRole::moderator);
  if (actor == target) throw Error(Code::forbidden, "Leave the room instead");
  const auto member = store::find_member(tx, room.id, target);
  if (!member) return false;
  require_above(me.role, member->role);
  store::delete_member(tx, room.id, target);
  return true;
}

}  // namespace

Task<RoomMember> Rooms::update_member(Caller caller, UpdateMember request) {
  const RoomId room = request.id;
  const bool mutes = request.muted_until.present || request.muted_minutes.has_value();
  auto work = [user = caller.user, request](pg::Tx& tx) {
    return update_member_in(tx, user, request);
  };
  MemberChange change = co_await db_.transaction(std::move(work));
  if (mutes) {
    const RoomMember& target = change.target;
    for (Watcher* watcher : watchers_) {
      watcher->member_muted(room, target.user_id, target.muted_until);
    }
  }
  const auto tell = [&](const RoomMember& member) {
    MemberUpdated told{room, member.user_id, member.role, member.muted_until};
    hub_.publish(topic_of(room), kMemberUpdated, told);
  };
  tell(change.target);
  if (change.handed_over) tell(change.actor);
  change.target.is_online = presence_.is_online(room, change.target.user_id);
  co_return std::move(change.target);
}

Task<> Rooms::kick(Caller caller, MemberPath path) {
  auto work = [user = caller.user, path](pg::Tx& tx) {
    const RoomView room = store::lock_room(tx, path.id);
    if (!remove_member_in(tx, room, user, path.user_id)) {
      throw Error(Code::not_found, "There is no such member");
    }
  };
  co_await db_.transaction(std::move(work));
  removed(path.id, path.user_id, LeaveReason::kicked);
}

// ---- Invites ----

Task<RoomInvite> Rooms::create_invite(Caller caller, CreateInvite request) {
  const InviteId id = InviteId::make();
  const auto most = static_cast<int>(config_.max_invites_per_room);
  auto work = [user = caller.user, id, most, request, code = make_invite_code()](pg::Tx& tx) {
    const RoomView room = store::lock_room(tx, request.id);
    require_role(tx, room, user, RoomRole::moderator);
    store::delete_spent_invites(tx, request.id);
    if (store::count_invites(tx, request.id) >= most) {
      throw Error(Code::conflict,
                  "The room has " + std::to_string(most) + " invites already; delete one first");
    }
    return store::insert_invite(tx, id, user, code, request);
  };
  RoomInvite invite = co_await db_.transaction(std::move(work));
  co_return invite;
}

Task<Page<RoomInvite>> Rooms::list_invites(Caller caller, RoomPath path) {
  auto work = [id = path.id, user = caller.user](pg::Tx& tx) {
    const auto room = store::find_room(tx, id);
    if (!room) throw Error(Code::not_found);
    require_role(tx, *room, user, RoomRole::moderator);
    return store::list_invites(tx, id);
  };
  Page<RoomInvite> page;
  page.items = co_await db_.read(std::move(work));
  co_return page;
}

Task<> Rooms::delete_invite(Caller caller, InvitePath path) {
  auto work = [user = caller.user, path](pg::Tx& tx) {
    const RoomView room = store::lock_room(tx, path.id);
    require_role(tx, room, user, RoomRole::moderator);
    if (!store::delete_invite(tx, path.id, path.invite_id)) throw Error(Code::not_found);
  };
  co_await db_.transaction(std::move(work));
}

// ---- Bans ----

Task<RoomBan> Rooms::ban(Caller caller, CreateBan request) {
  struct Banned {
    RoomBan ban;
    bool was_member = false;
  };
  const RoomId room_id = request.id;
  auto work = [user = caller.user, request = std::move(request)](pg::Tx& tx) {
    const RoomView room = store::lock_room(tx, request.id);
    Banned done;
    done.was_member = remove_member_in(tx, room, user, request.user_id);
    done.ban = store::upsert_ban(tx, request, user);
    return done;
  };
  Banned done = co_await db_.transaction(std::move(work));
  if (done.was_member) removed(room_id, done.ban.user_id, LeaveReason::banned);
  co_return std::move(done.ban);
}

Task<Page<RoomBan>> Rooms::list_bans(Caller caller, RoomPage query) {
  const auto before = id_of<UserId>(query.cursor);
  const int limit = *query.limit;
  auto work = [id = query.id, user = caller.user, before, limit](pg::Tx& tx) {
    const auto room = store::find_room(tx, id);
    if (!room) throw Error(Code::not_found);
    require_role(tx, *room, user, RoomRole::moderator);
    return store::list_bans(tx, id, before, limit + 1);
  };
  std::vector<RoomBan> bans = co_await db_.read(std::move(work));
  co_return page_of(std::move(bans), limit, cursor_of_ban);
}

Task<> Rooms::unban(Caller caller, MemberPath path) {
  auto work = [user = caller.user, path](pg::Tx& tx) {
    const RoomView room = store::lock_room(tx, path.id);
    require_role(tx, room, user, RoomRole::moderator);
    if (!store::delete_ban(tx, path.id, path.user_id)) throw Error(Code::not_found);
  };
  co_await db_.transaction(std::move(work));
}

}  // namespace stoa::rooms
