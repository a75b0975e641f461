#include "features/rooms/room_stats.hpp"
#include "features/rooms/rooms_logos.hpp"
#include "features/rooms/rooms_rules.hpp"
#include "features/rooms/rooms_store.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/paging.hpp>
#include <stoa/module/once.hpp>
#include <stoa/net/turns.hpp>
#include <stoa/postgres/loader.hpp>
#include <stoa/rooms/rooms.hpp>
#include <stoa/rooms/rooms_codes.hpp>
#include <stoa/rooms/rooms_config.hpp>
#include <stoa/rooms/rooms_place.hpp>
#include <stoa/rooms/rooms_topic.hpp>
#include <stoa/rooms/who_may.hpp>

#include <unordered_set>
#include <utility>

namespace stoa::rooms {

using realtime::Topic;

// How somebody stands towards a room, for sockets: many ask it at once when they come back.
struct Rooms::Lookups {
  explicit Lookups(pg::Database& db) : standings(db, &store::find_standings) {}
  pg::Loader<store::MemberKey, store::FoundStanding> standings;
};

Rooms::Rooms(files::Emblems::Parts logos, realtime::Hub& hub, realtime::Roster& roster,
             net::Runtime& runtime, const Config& all)
    : db_(logos.db),
      hub_(hub),
      roster_(roster),
      logos_(logos, kLogoFile, all.server.public_url + std::string(kLogoPath)),
      config_(all.section<RoomsConfig>()),
      page_bytes_(all.http.page_bytes.bytes),
      lookups_(std::make_unique<Lookups>(db_)),
      stats_(std::make_unique<RoomStatsTeller>(runtime, db_, hub, roster, config_.stats_interval)) {
  roster.serve(kRoomPlace, *this);
}

Rooms::~Rooms() = default;

// ---- Rooms ----

// All public rooms, and the private ones that somebody is in: each is a list of an index.
Task<Page<RoomView>> Rooms::list(Visitor visitor, RoomListQuery query) {
  const bool mine = query.mine.value_or(false);
  if (mine && !visitor.caller) throw Error(Code::unauthorized);
  const auto before = id_of<RoomId>(query.cursor);
  const TurnKey whom = net::turn_of(visitor);
  std::vector<RoomView> rooms;
  if (!mine && query.type != RoomType::private_) {
    auto of_all = store::list_public(query, before, whom);
    rooms = co_await db_.run(std::move(of_all));
  }
  if (visitor.caller && (mine || query.type != RoomType::public_)) {
    if (!mine) query.type = RoomType::private_;
    auto own = store::list_of(visitor.caller->user, query, before, whom);
    std::vector<RoomView> more = co_await db_.run(std::move(own));
    rooms = merged_by_id(std::move(rooms), std::move(more));
  }
  Page<RoomView> page = page_by_id(std::move(rooms), *query.limit, page_bytes_);
  for (RoomView& room : page.items) with_presence(room);
  co_return page;
}

Task<RoomView> Rooms::get(Visitor visitor, RoomPath path) {
  auto found = co_await db_.run(store::find_room(path.id));
  RoomView room = require_found(std::move(found));
  if (room.room_type == RoomType::private_) {
    std::optional<store::MemberRow> member;
    if (visitor.caller) {
      member = co_await db_.run(store::find_member(path.id, visitor.caller->user));
    }
    require_found(std::move(member), outside(room.room_type));
  }
  with_presence(room);
  co_return room;
}

Task<RoomView> Rooms::create(Creator creator, CreateRoom request) {
  check_limit(request.max_participants.value);
  const RoomId id = RoomId::make();
  const UserId owner = creator.user;
  const auto most = static_cast<int>(config_.max_rooms_per_user);
  auto work = once(creator, [id, owner, most, request = std::move(request)](pg::Tx& tx) {
    if (store::count_rooms_of(tx, owner) >= most) {
      throw Error(Code::conflict,
                  "You have " + std::to_string(most) + " rooms already; close one first");
    }
    store::insert_room(tx, id, owner, request);
    store::insert_member(tx, id, owner, RoomRole::owner);
    return tx.run(store::lock_room(id));
  });
  RoomView room = co_await db_.transaction(std::move(work));
  co_return room;
}

Task<RoomView> Rooms::update(Caller caller, UpdateRoom request) {
  if (request.max_participants) check_limit(*request.max_participants);
  auto work = [this, caller, request = std::move(request)](pg::Tx& tx) {
    RoomView changed = tx.run(store::lock_room(request.id));
    require_role(tx, changed, caller.user, RoomRole::owner);
    const DoorState before{changed.room_type, changed.max_participants};
    apply(request, changed);
    if (request.logo_url.present) drop_logo(tx, changed);
    changed = store::update_room(tx, changed);
    audit::write(tx, caller, kUpdate, {{"room", changed.id}}, before,
                 DoorState{changed.room_type, changed.max_participants});
    with_presence(changed);
    hub_.tell(tx, topic_of(changed.id), kRoomUpdated, RoomUpdated{changed.id, changed});
    return changed;
  };
  RoomView room = co_await db_.transaction(std::move(work));
  co_return room;
}

Task<> Rooms::close(Caller caller, RoomPath path) {
  const RoomId id = path.id;
  auto work = [this, id, caller](pg::Tx& tx) {
    const bool was_closed = tx.run(store::is_closed_room_of(id, caller.user));
    if (!was_closed) {
      const RoomView room = tx.run(store::lock_room(id));
      require_role(tx, room, caller.user, RoomRole::owner);
      close_room(tx, room, caller);
    }
    tx.then([this, id] { closed(id); });
    return was_closed;
  };
  const bool was_closed = co_await db_.transaction(std::move(work));
  if (was_closed) throw Error(Code::not_found);
}

// ---- Joining and leaving ----

Task<RoomEntry> Rooms::join(Caller caller, JoinRoom request) {
  std::optional<std::string> code;
  if (request.invite_code) code = std::move(request.invite_code->value);
  RoomEntry entry = co_await join_as(caller.user, request.id, std::move(code));
  tell_joined(request.id, caller);
  co_return entry;
}

Task<RoomEntry> Rooms::join_by_code(Caller caller, JoinByCode request) {
  std::optional<std::string> code = std::move(request.invite_code.value);
  std::optional<RoomId> room = co_await db_.run(store::find_room_of_invite(*code));
  if (!room) throw Error(kInviteInvalid);
  RoomEntry entry = co_await join_as(caller.user, *room, std::move(code));
  tell_joined(*room, caller);
  co_return entry;
}

void Rooms::tell_joined(RoomId room, const Caller& caller) const {
  for (Watcher* watcher : watchers_) watcher->joined(room, caller);
}

Task<RoomEntry> Rooms::enter(Caller caller, RoomId room) {
  const UserId user = caller.user;
  // Most who enter are members already (every reconnect is): they need no lock.
  std::optional<RoomView> view = co_await db_.run(store::find_room(room));
  std::optional<store::MemberRow> member;
  if (view) member = co_await db_.run(store::find_member(room, user));
  RoomEntry entry;
  if (member) {
    entry = co_await entry_of(std::move(*view));
  } else {
    std::optional<std::string> no_code;
    entry = co_await join_as(user, room, std::move(no_code));
  }
  co_return entry;
}

Task<RoomEntry> Rooms::enter_as_member(Caller caller, RoomId room) {
  auto found = co_await db_.run(store::find_room(room));
  RoomView view = require_found(std::move(found));
  auto member = co_await db_.run(store::find_member(room, caller.user));
  require_found(std::move(member), outside(view.room_type));
  RoomEntry entry = co_await entry_of(std::move(view));
  co_return entry;
}

Task<RoomEntry> Rooms::entry_of(RoomView room) {
  RoomEntry entry;
  entry.participants = co_await db_.run(store::list_participants(room.id));
  entry.room = std::move(room);
  refresh_presence(entry);
  co_return entry;
}

Task<RoomEntry> Rooms::join_as(UserId user, RoomId room, std::optional<std::string> code) {
  auto work = [this, user, room, code = std::move(code)](pg::Tx& tx) {
    Joined joined = join_room(tx, room, user, code, config_.max_memberships_per_user);
    if (joined.is_new) tx.then([this, room] { stats_->changed(room); });
    return std::move(joined.entry);
  };
  RoomEntry entry = co_await db_.transaction(std::move(work));
  refresh_presence(entry);
  co_return entry;
}

Task<> Rooms::leave(Caller caller, RoomPath path) {
  const RoomId id = path.id;
  auto work = [this, id, caller](pg::Tx& tx) {
    const Left left = leave_room(tx, id, caller);
    leave_in(tx, id, caller.user, left);
    return left.refused;
  };
  const std::optional<Error> refused = co_await db_.transaction(std::move(work));
  if (refused) throw *refused;
}

void Rooms::leave_in(pg::Tx& tx, RoomId room, UserId user, const Left& left) {
  tx.then([this, room, user, left] {
    removed(room, user, left.refused ? std::nullopt : std::optional(LeaveReason::left));
    if (left.closed) closed(room);
    if (!left.heir) return;
    for (Watcher* watcher : watchers_) {
      watcher->member_muted(room, left.heir->user_id, std::nullopt);
    }
    hub_.publish(topic_of(room), kMemberUpdated, updated(room, *left.heir));
  });
}

bool Rooms::leave_next(pg::Tx& tx, const Caller& who) {
  if (const auto room = tx.run(store::find_open_room_of(who.user))) {
    leave_in(tx, *room, who.user, leave_room(tx, *room, who));
    return true;
  }
  return store::forget(tx, who.user);
}

// ---- What others hear ----

void Rooms::removed(RoomId room, UserId user, std::optional<LeaveReason> reason) {
  removals_.fetch_add(1);
  hub_.evict(topic_of(room), user);
  for (Watcher* watcher : watchers_) watcher->member_removed(room, user);
  std::string told;
  if (reason) {
    hub_.publish(Topic::user(user), kRemovedFromRoom, RemovedFromRoom{room, *reason});
    told = write(UserLeft{room, user, *reason});
  }
  roster_.evict(place_of(room), user, told);
}

void Rooms::closed(RoomId room) {
  removals_.fetch_add(1);
  hub_.publish(topic_of(room), kRoomClosed, RoomClosed{room});
  hub_.dissolve(topic_of(room));
  roster_.dissolve(place_of(room));
  for (Watcher* watcher : watchers_) watcher->room_closed(room);
}

// ---- Presence ----

namespace {

std::optional<MemberInfo> member_of(std::optional<store::FoundStanding> found) {
  if (!found || !found->role) return std::nullopt;
  return MemberInfo{std::move(*found->full_name),
                    *found->role,
                    found->muted_until,
                    std::move(found->username),
                    std::move(found->profile_picture_url),
                    *found->joined_at};
}

}  // namespace

Task<MemberInfo> Rooms::get_member(UserId user, RoomId room) {
  store::MemberKey key{room, user};
  auto standing = co_await lookups_->standings.load(std::move(key));
  store::FoundStanding found = require_found(std::move(standing));
  const RoomType type = found.room_type;
  co_return require_found(member_of(std::move(found)), outside(type));
}

Task<std::vector<std::optional<MemberInfo>>> Rooms::find_members(UserId user,
                                                                 std::vector<RoomId> rooms) {
  std::vector<store::MemberKey> keys;
  keys.reserve(rooms.size());
  for (const RoomId room : rooms) keys.push_back({room, user});
  auto found = co_await lookups_->standings.load_all(std::move(keys));
  std::vector<std::optional<MemberInfo>> members;
  members.reserve(found.size());
  for (auto& one : found) members.push_back(member_of(std::move(one)));
  co_return members;
}

Task<> Rooms::arrive(realtime::SessionId session, RoomId room, Participant who) {
  const UserId user = who.user_id;
  UserJoined joined{room, std::move(who)};
  joined.user.is_online = true;
  realtime::Roster::Decide decide = [user, told = write(joined)](const realtime::PlaceView&) {
    return realtime::Arrival{.user = user, .note = told};
  };
  realtime::Place place = place_of(room);
  co_await roster_.enter(std::move(place), session, std::move(decide));
}

void Rooms::depart(realtime::SessionId session, RoomId room) {
  roster_.leave(place_of(room), session);
}

void Rooms::session_ended(realtime::Session& session) {
  if (session.caller()) roster_.leave_all(kRoomPlace, session.id());
}

// What is told was written where it happened; what this adds is the order.
void Rooms::entered(const realtime::Change& change) {
  if (change.now.sessions(*change.entry.user) > 1) return;
  tell(change.place, kUserJoined.name, std::string(change.note), change.entry.session);
}

void Rooms::left(const realtime::Change& change, realtime::Out why) {
  // A membership or a room that has ended is told as that.
  if (why == realtime::Out::evicted || why == realtime::Out::dissolved) return;
  const UserId user = *change.entry.user;
  if (change.now.sessions(user) > 0) return;
  const UserLeft away{room_of(change.place), user, LeaveReason::away};
  tell(change.place, kUserLeft.name, write(away), change.entry.session);
}

void Rooms::evicted(const realtime::Place& place, UserId, std::string_view told) {
  if (!told.empty()) tell(place, kUserLeft.name, std::string(told), std::nullopt);
}

void Rooms::tell(const realtime::Place& place, std::string_view event, std::string payload,
                 std::optional<realtime::SessionId> except) {
  const RoomId room = room_of(place);
  std::vector<realtime::Publication> told;
  told.push_back({topic_of(room), event, std::move(payload), std::nullopt, except});
  hub_.publish(std::move(told));
  stats_->changed(room);
}

void Rooms::with_presence(RoomView& room) const {
  room.active_count = static_cast<int>(roster_.count_users(place_of(room.id)));
  room.call_participants = count_call_(room.id);
}

void Rooms::refresh_presence(RoomEntry& entry) const {
  with_presence(entry.room);
  const auto online = roster_.users(place_of(entry.room.id));
  const std::unordered_set<UserId> here(online.begin(), online.end());
  for (Participant& person : entry.participants) person.is_online = here.contains(person.user_id);
}

void Rooms::check_limit(int max_participants) const {
  const auto most = config_.max_participants_limit;
  if (static_cast<std::size_t>(max_participants) <= most) return;
  Issues issues;
  issues.enter("maxParticipants");
  issues.add("too_big", "At most " + std::to_string(most), {{"maximum", most}});
  issues.raise();
}

}  // namespace stoa::rooms
