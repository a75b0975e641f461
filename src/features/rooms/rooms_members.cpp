// The part of Rooms that leads a room: members' roles and mutes, invites and bans.
#include "features/rooms/room_stats.hpp"
#include "features/rooms/rooms_audit.hpp"
#include "features/rooms/rooms_rules.hpp"
#include "features/rooms/rooms_store.hpp"

#include <stoa/core/paging.hpp>
#include <stoa/module/once.hpp>
#include <stoa/rooms/rooms.hpp>
#include <stoa/rooms/rooms_place.hpp>
#include <stoa/rooms/rooms_topic.hpp>
#include <stoa/rooms/who_may.hpp>

#include <unordered_set>
#include <utility>

namespace stoa::rooms {

// ---- Members ----

Task<Page<RoomMember>> Rooms::list_members(Caller caller, RoomPage query) {
  const auto after = keys_of<Timestamp, UserId>(query.cursor);
  const int limit = *query.limit;
  auto standing = co_await db_.run(store::find_standing(query.id, caller.user));
  require_role(std::move(standing), RoomRole::member);
  auto listing = store::list_members(query.id, after, limit + 1);
  std::vector<RoomMember> members = co_await db_.run(std::move(listing));
  Page<RoomMember> page = page_of(std::move(members), limit, [](const RoomMember& last) {
    return cursor_of(last.joined_at, last.user_id);
  });
  for (RoomMember& member : page.items) {
    member.is_online = roster_.is_there(place_of(query.id), member.user_id);
  }
  co_return page;
}

namespace {

constexpr char kNotAbove[] = "You do not stand above that person here";

// Only an owner changes roles: nobody gives a role that is as high as their own, but for the owner,
// who may hand the room over and is a moderator then.
void change_role(pg::Tx& tx, const UpdateMember& request, const Caller& actor, RoomRole mine,
                 RoomRole theirs) {
  require_rank(mine, RoomRole::owner, "Only the owner changes roles");
  const audit::Target target = member_of(request.id, request.user_id);
  if (*request.role == RoomRole::owner) {  // first down, then up: a room has one owner at a time
    tx.run(store::set_role(request.id, actor.user, RoomRole::moderator));
    audit::write(tx, actor, kHandOver, target, OwnerState{actor.user}, OwnerState{request.user_id});
  } else {
    audit::write(tx, actor, kChangeRole, target, RoleState{theirs}, RoleState{*request.role});
  }
  tx.run(store::set_role(request.id, request.user_id, *request.role));
}

bool changes_mute(const UpdateMember& request) {
  return request.muted_until.present || request.muted_minutes.has_value();
}

std::optional<Timestamp> muted_until(const UpdateMember& request) {
  if (request.muted_minutes) {
    if (*request.muted_minutes == 0) return std::nullopt;
    return now() + std::chrono::minutes(*request.muted_minutes);
  }
  return request.muted_until.value;
}

// Answers the role that was lost; none where there was no membership to end.
std::optional<RoomRole> remove_member_in(pg::Tx& tx, const RoomView& room, UserId actor,
                                         UserId target) {
  const auto me = require_role(tx, room, actor, RoomRole::moderator);
  if (actor == target) throw Error(Code::forbidden, "Leave the room instead");
  const auto member = tx.run(store::find_member(room.id, target));
  if (!member) return std::nullopt;
  require_above(me.role, member->role, kNotAbove);
  store::delete_member(tx, room.id, target);
  return member->role;
}

// Whether whoever banned stands above that role in the room by now.
bool is_from_above(pg::Tx& tx, RoomId room, const store::BanRow& ban, RoomRole role) {
  if (!ban.banned_by) return false;
  const auto author = tx.run(store::find_member(room, *ban.banned_by));
  return author && author->role < role;
}

BanState state_of(const std::optional<store::BanRow>& ban, std::optional<RoomRole> role) {
  if (!ban) return {role, false, std::nullopt, std::nullopt};
  return {role, true, ban->reason, ban->banned_by};
}

}  // namespace

void Rooms::mute_in(pg::Tx& tx, const Caller& caller, RoomId room, const RoomMember& target,
                    std::optional<Timestamp> until) {
  tx.run(store::set_muted_until(room, target.user_id, until));
  audit::write(tx, caller, kMute, member_of(room, target.user_id), MuteState{target.muted_until},
               MuteState{until});
  const auto tell = [this, room, user = target.user_id, until] {
    for (Watcher* watcher : watchers_) watcher->member_muted(room, user, until);
  };
  // In doubt nobody is let draw again.
  until ? tx.then(tell) : tx.on_commit(tell);
}

Task<RoomMember> Rooms::update_member(Caller caller, UpdateMember request) {
  auto work = [this, caller, request](pg::Tx& tx) {
    const RoomId id = request.id;
    const RoomView room = tx.run(store::lock_room(id));
    const auto me = require_role(tx, room, caller.user, RoomRole::moderator);
    const auto target = tx.run(store::get_member(id, request.user_id));
    require_above(me.role, target.role, kNotAbove);
    if (request.role) change_role(tx, request, caller, me.role, target.role);
    // Nobody stands above an owner who could take the mute away.
    const bool frees_owner = request.role == RoomRole::owner && target.muted_until.has_value();
    if (changes_mute(request) || frees_owner) {
      const auto until = changes_mute(request) ? muted_until(request) : std::nullopt;
      if (until && *until > now() && request.role == RoomRole::owner) {
        throw Error(Code::conflict, "An owner cannot be muted");
      }
      mute_in(tx, caller, id, target, until);
    }
    RoomMember changed = tx.run(store::get_member(id, target.user_id));
    if (request.role == RoomRole::owner) {  // cannot be asked for again, so it is told in doubt
      tx.then([this, now_owner = updated(id, changed),
               was_owner = updated(id, tx.run(store::get_member(id, caller.user)))] {
        hub_.publish(topic_of(was_owner.room_id), kMemberUpdated, now_owner);
        hub_.publish(topic_of(was_owner.room_id), kMemberUpdated, was_owner);
      });
    } else {
      hub_.tell(tx, topic_of(id), kMemberUpdated, updated(id, changed));
    }
    return changed;
  };
  RoomMember changed = co_await db_.transaction(std::move(work));
  changed.is_online = roster_.is_there(place_of(request.id), changed.user_id);
  co_return changed;
}

Task<> Rooms::kick(Caller caller, MemberPath path) {
  auto work = [this, caller, path](pg::Tx& tx) {
    const RoomView room = tx.run(store::lock_room(path.id));
    const auto role = remove_member_in(tx, room, caller.user, path.user_id);
    if (role) {
      audit::write(tx, caller, kKick, member_of(path.id, path.user_id), RoleState{*role},
                   audit::kNothing);
    }
    const auto reason = role ? std::optional(LeaveReason::kicked) : std::nullopt;
    tx.then([this, path, reason] { removed(path.id, path.user_id, reason); });
    return role.has_value();
  };
  const bool was_member = co_await db_.transaction(std::move(work));
  if (!was_member) throw Error(Code::not_found, "There is no such member");
}

// ---- Invites ----

Task<RoomInvite> Rooms::create_invite(Creator creator, CreateInvite request) {
  const InviteId id = InviteId::make();
  const auto most = static_cast<int>(config_.max_invites_per_room);
  auto code = make_invite_code();
  auto work = once(creator, [user = creator.user, id, most, request, code](pg::Tx& tx) {
    const RoomView room = tx.run(store::lock_room(request.id));
    require_role(tx, room, user, RoomRole::moderator);
    tx.run(store::delete_spent_invites(request.id));
    if (tx.run(store::count_invites(request.id)) >= most) {
      throw Error(Code::conflict,
                  "The room has " + std::to_string(most) + " invites already; delete one first");
    }
    return tx.run(store::insert_invite(id, user, code, request));
  });
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

namespace {

// What only those who lead the room see, by the people whom it is about.
template <class Row>
Task<Page<Row>> page_for_moderators(pg::Database& db, Caller caller, RoomPage query,
                                    pg::Query<std::vector<Row>> (*list)(RoomId,
                                                                        std::optional<UserId>,
                                                                        int)) {
  const auto before = id_of<UserId>(query.cursor);
  const int limit = *query.limit;
  auto standing = co_await db.run(store::find_standing(query.id, caller.user));
  require_role(std::move(standing), RoomRole::moderator);
  auto listing = list(query.id, before, limit + 1);
  std::vector<Row> rows = co_await db.run(std::move(listing));
  co_return page_of(std::move(rows), limit,
                    [](const Row& last) { return cursor_of(last.user_id); });
}

}  // namespace

// ---- Bans ----

Task<RoomBan> Rooms::ban(Creator creator, CreateBan request) {
  const Caller& caller = creator;
  auto work = once(creator, [this, caller, request = std::move(request)](pg::Tx& tx) {
    const RoomView room = tx.run(store::lock_room(request.id));
    const auto role = remove_member_in(tx, room, caller.user, request.user_id);
    const auto before = tx.run(store::find_ban(request.id, request.user_id));
    const auto me = require_role(tx, room, caller.user, RoomRole::moderator);
    if (before && is_from_above(tx, request.id, *before, me.role)) {
      return tx.run(store::get_ban(request.id, request.user_id));  // stays as it is
    }
    RoomBan ban = store::upsert_ban(tx, request, caller.user);
    audit::write(tx, caller, kBan, member_of(request.id, request.user_id), state_of(before, role),
                 state_of(store::BanRow{ban.reason, ban.banned_by}, std::nullopt));
    const auto reason = role ? std::optional(LeaveReason::banned) : std::nullopt;
    tx.then(
        [this, room = request.id, user = request.user_id, reason] { removed(room, user, reason); });
    return ban;
  });
  RoomBan ban = co_await db_.transaction(std::move(work));
  co_return ban;
}

Task<Page<RoomBan>> Rooms::list_bans(Caller caller, RoomPage query) {
  return page_for_moderators(db_, std::move(caller), std::move(query), &store::list_bans);
}

Task<> Rooms::unban(Caller caller, MemberPath path) {
  auto work = [caller, path](pg::Tx& tx) {
    const RoomView room = tx.run(store::lock_room(path.id));
    const auto me = require_role(tx, room, caller.user, RoomRole::moderator);
    const auto ban = require_found(tx.run(store::find_ban(path.id, path.user_id)));
    if (is_from_above(tx, path.id, ban, me.role)) {
      throw Error(Code::forbidden, "Somebody above you has banned this person");
    }
    tx.run(store::delete_ban(path.id, path.user_id));
    audit::write(tx, caller, kUnban, member_of(path.id, path.user_id), state_of(ban, std::nullopt),
                 state_of(std::nullopt, std::nullopt));
  };
  co_await db_.transaction(std::move(work));
}

// ---- Mutes ----

Task<Page<RoomMute>> Rooms::list_mutes(Caller caller, RoomPage query) {
  return page_for_moderators(db_, std::move(caller), std::move(query), &store::list_mutes);
}

Task<> Rooms::unmute(Caller caller, MemberPath path) {
  auto work = [this, caller, path](pg::Tx& tx) {
    const RoomView room = tx.run(store::lock_room(path.id));
    const auto me = require_role(tx, room, caller.user, RoomRole::moderator);
    if (const auto member = tx.run(store::find_member(path.id, path.user_id))) {
      require_above(me.role, member->role, kNotAbove);
      RoomMember target = tx.run(store::get_member(path.id, path.user_id));
      if (!target.muted_until || *target.muted_until <= now()) throw Error(Code::not_found);
      mute_in(tx, caller, path.id, target, std::nullopt);
      target.muted_until.reset();
      hub_.tell(tx, topic_of(path.id), kMemberUpdated, updated(path.id, target));
      return;
    }
    // Who comes back comes as a member, above whom all stand who may do this.
    const auto until = require_found(tx.run(store::find_kept_mute(path.id, path.user_id)));
    tx.run(store::delete_kept_mute(path.id, path.user_id));
    audit::write(tx, caller, kMute, member_of(path.id, path.user_id), MuteState{until},
                 MuteState{std::nullopt});
  };
  co_await db_.transaction(std::move(work));
}

}  // namespace stoa::rooms
