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
  auto standing = co_await db_.run(store::find_standing(query.id, caller.user));
  require_role(std::move(standing), RoomRole::member);
  auto listing = store::list_members(query.id, after, after_user, limit + 1);
  std::vector<RoomMember> members = co_await db_.run(std::move(listing));
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
    tx.run(store::set_role(request.id, actor, RoomRole::moderator));
  }
  tx.run(store::set_role(request.id, request.user_id, *request.role));
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
  const RoomView room = tx.run(store::lock_room(request.id));
  const auto me = require_role(tx, room, actor, RoomRole::moderator);
  const auto target = tx.run(store::get_member(request.id, request.user_id));
  require_above(me.role, target.role);
  if (request.role) change_role(tx, request, actor, me.role);
  if (request.muted_until.present || request.muted_minutes) {
    tx.run(store::set_muted_until(request.id, request.user_id, muted_until(request)));
  }
  return {tx.run(store::get_member(request.id, request.user_id)),
          tx.run(store::get_member(request.id, actor)), request.role == RoomRole::owner};
}

// Answers whether there was a membership to end.
bool remove_member_in(pg::Tx& tx, const RoomView& room, UserId actor, UserId target) {
  const auto me = require_role(tx, room, actor, RoomRole::moderator);
  if (actor == target) throw Error(Code::forbidden, "Leave the room instead");
  const auto member = tx.run(store::find_member(room.id, target));
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
    const RoomView room = tx.run(store::lock_room(path.id));
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
    const RoomView room = tx.run(store::lock_room(request.id));
    require_role(tx, room, user, RoomRole::moderator);
    tx.run(store::delete_spent_invites(request.id));
    if (tx.run(store::count_invites(request.id)) >= most) {
      throw Error(Code::conflict,
                  "The room has " + std::to_string(most) + " invites already; delete one first");
    }
    return tx.run(store::insert_invite(id, user, code, request));
  };
  RoomInvite invite = co_await db_.transaction(std::move(work));
  co_return invite;
}

Task<Page<RoomInvite>> Rooms::list_invites(Caller caller, RoomPath path) {
  auto standing = co_await db_.run(store::find_standing(path.id, caller.user));
  require_role(std::move(standing), RoomRole::moderator);
  Page<RoomInvite> page;
  page.items = co_await db_.run(store::list_invites(path.id));
  co_return page;
}

Task<> Rooms::delete_invite(Caller caller, InvitePath path) {
  auto work = [user = caller.user, path](pg::Tx& tx) {
    const RoomView room = tx.run(store::lock_room(path.id));
    require_role(tx, room, user, RoomRole::moderator);
    const auto deleted = tx.run(store::delete_invite(path.id, path.invite_id));
    if (deleted.value == 0) throw Error(Code::not_found);
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
    const RoomView room = tx.run(store::lock_room(request.id));
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
  auto standing = co_await db_.run(store::find_standing(query.id, caller.user));
  require_role(std::move(standing), RoomRole::moderator);
  std::vector<RoomBan> bans = co_await db_.run(store::list_bans(query.id, before, limit + 1));
  co_return page_of(std::move(bans), limit, cursor_of_ban);
}

Task<> Rooms::unban(Caller caller, MemberPath path) {
  auto work = [user = caller.user, path](pg::Tx& tx) {
    const RoomView room = tx.run(store::lock_room(path.id));
    require_role(tx, room, user, RoomRole::moderator);
    const auto deleted = tx.run(store::delete_ban(path.id, path.user_id));
    if (deleted.value == 0) throw Error(Code::not_found);
  };
  co_await db_.transaction(std::move(work));
}

}  // namespace stoa::rooms
