#include "features/groups/group_registry.hpp"

#include "features/groups/groups_codes.hpp"

#include <algorithm>
#include <utility>

namespace stoa::groups {

using realtime::Arrival;
using realtime::Change;
using realtime::Entry;
using realtime::Place;
using realtime::PlaceView;
using realtime::Roster;
using realtime::RosterData;
using realtime::SessionId;

namespace {

constexpr Code kAllGroupsTaken{Code::overloaded.wire, Code::overloaded.http_status,
                               "There are as many groups as there may be; try again later"};

Place place_of(GroupId id) {
  return {&kGroupPlace, id.uuid};
}

const GroupMember& member_of(const Entry& entry) {
  return entry.data.as<GroupMember>();
}

GroupUser user_of(const GroupMember& member) {
  return {member.id, member.username};
}

// Who stays in the group beside a session: neither itself nor the one that gives way to it.
std::vector<GroupMember> others_in(const PlaceView& group, SessionId session,
                                   const std::optional<SessionId>& gives_way) {
  std::vector<GroupMember> others;
  for (const Entry& entry : group.entries) {
    if (entry.session != session && entry.session != gives_way) others.push_back(member_of(entry));
  }
  return others;
}

std::string free_name(const std::vector<GroupMember>& others, const std::string& wanted) {
  const auto taken = [&](const std::string& name) {
    return std::any_of(others.begin(), others.end(),
                       [&](const GroupMember& member) { return member.username == name; });
  };
  std::string name = wanted;
  for (int number = 2; taken(name); ++number) name = wanted + "-" + std::to_string(number);
  return name;
}

ExistingPeers peers_of(const std::vector<GroupMember>& others) {
  ExistingPeers out;
  for (const GroupMember& member : others) {
    if (member.peer_id.value) out.peers.push_back({*member.peer_id.value, member.username});
  }
  return out;
}

// Another session of the group that has the peer id and gives way to this one: calls for an id must reach whoever had it
// first, but for a connection of the same person that is back before its lost one was noticed.
std::optional<SessionId> holder_of(const PlaceView& group, SessionId session,
                                   const std::optional<UserId>& user, const std::string& peer_id) {
  for (const Entry& entry : group.entries) {
    if (entry.session == session || member_of(entry).peer_id.value != peer_id) continue;
    if (!user || entry.user != user) throw Error(kPeerIdTaken);
    return entry.session;
  }
  return std::nullopt;
}

// Who comes in again is a new member, and the last.
GroupMember decide_member(const std::vector<GroupMember>& others,
                          const GroupRegistry::Newcomer& who, std::size_t max_members) {
  if (others.size() >= max_members) {
    throw Error(kGroupFull, "The group has " + std::to_string(others.size()) + " of " +
                                std::to_string(max_members) + " members");
  }
  return {Uuid::v7(), free_name(others, who.username), who.peer_id};
}

}  // namespace

GroupRegistry::GroupRegistry(realtime::Hub& hub, Roster& roster, const GroupsConfig& config)
    : hub_(hub), roster_(roster), config_(config) {
  roster.serve(
      kGroupPlace, *this,
      {.max_places = config.max_groups, .full = kAllGroupsTaken, .empty_for = config.empty_ttl});
}

Task<GroupCreated> GroupRegistry::create(Newcomer who, std::string name) {
  const GroupId id = GroupId::make();
  note_opened(who.owner, id);
  const GroupMember me{Uuid::v7(), std::move(who.username), std::move(who.peer_id)};
  const GroupAbout about{std::move(name), now()};
  Roster::Decide decide = [&](const PlaceView&) {
    return Arrival{.user = who.user, .data = RosterData::of(me), .about = RosterData::of(about)};
  };
  const Place place = place_of(id);
  Place opened = place;
  co_await roster_.enter(std::move(opened), who.session, std::move(decide));
  leave_others(who.session, place);
  co_return GroupCreated{id, about.name, user_of(me)};
}

Task<GroupRegistry::Joined> GroupRegistry::join(GroupId id, Newcomer who) {
  Joined joined;
  Roster::Decide decide = [&](const PlaceView& group) {
    if (!group.about) throw Error(kGroupNotFound);
    std::optional<SessionId> holder;
    if (who.peer_id) holder = holder_of(group, who.session, who.user, *who.peer_id);
    std::vector<GroupMember> others = others_in(group, who.session, holder);
    GroupMember me = decide_member(others, who, config_.max_members);
    ExistingPeers peers = peers_of(others);
    joined = {{id, group.about.as<GroupAbout>().name, user_of(me), std::move(others)},
              std::move(peers)};
    return Arrival{.user = who.user,
                   .data = RosterData::of(std::move(me)),
                   .instead_of = holder.value_or(who.session)};
  };
  const Place place = place_of(id);
  Place entered = place;
  co_await roster_.enter(std::move(entered), who.session, std::move(decide));
  leave_others(who.session, place);
  co_return std::move(joined);
}

bool GroupRegistry::leave(SessionId session) {
  const bool was_in = !roster_.places_of(kGroupPlace, session).empty();
  roster_.leave_all(kGroupPlace, session);
  return was_in;
}

Task<ExistingPeers> GroupRegistry::set_peer_id(SessionId session, std::string peer_id) {
  ExistingPeers peers;
  Roster::Decide decide = [&](const PlaceView& group) {
    const Entry* present = group.find(session);
    if (present == nullptr) throw Error(kNotInGroup);
    GroupMember member = member_of(*present);
    const auto holder = holder_of(group, session, present->user, peer_id);
    member.peer_id = peer_id;
    peers = peers_of(others_in(group, session, holder));
    return Arrival{
        .user = present->user, .data = RosterData::of(std::move(member)), .instead_of = holder};
  };
  Place place = group_of(session);
  co_await roster_.enter(std::move(place), session, std::move(decide));
  co_return std::move(peers);
}

GroupRegistry::Route GroupRegistry::route(SessionId from, const std::string& to_peer_id) const {
  Route route;
  roster_.look(group_of(from), [&](const PlaceView& group) {
    const Entry* sender = group.find(from);
    if (sender == nullptr) throw Error(kNotInGroup);
    if (!member_of(*sender).peer_id.value) {
      throw Error(Code::peer_not_found, "Send update-peer-id first");
    }
    const Entry* addressee = nullptr;
    for (const Entry& entry : group.entries) {
      if (&entry != sender && member_of(entry).peer_id.value == to_peer_id) addressee = &entry;
    }
    if (addressee == nullptr) throw Error(Code::peer_not_found, "Nobody here has that peer id");
    route = {member_of(*sender), addressee->session};
  });
  return route;
}

std::optional<GroupInfo> GroupRegistry::find(GroupId id) const {
  std::optional<GroupInfo> info;
  roster_.look(place_of(id), [&](const PlaceView& group) {
    if (!group.about) return;
    const auto& about = group.about.as<GroupAbout>();
    const auto members = static_cast<int>(group.entries.size());
    info = GroupInfo{id, about.name, about.created_at, members, true};
  });
  return info;
}

std::size_t GroupRegistry::count() const {
  return roster_.totals(kGroupPlace).places;
}

std::size_t GroupRegistry::people() const {
  return roster_.totals(kGroupPlace).entries;
}

void GroupRegistry::note_opened(const net::RateKey& owner, GroupId id) {
  const auto is_gone = [this](GroupId group) { return !find(group); };
  const std::lock_guard lock(mutex_);
  if (opened_.size() >= sweep_at_) {
    for (auto& [who, theirs] : opened_) std::erase_if(theirs, is_gone);
    std::erase_if(opened_, [](const auto& one) { return one.second.empty(); });
    sweep_at_ = std::max<std::size_t>(1024, 2 * opened_.size());
  }
  std::vector<GroupId>& groups = opened_[owner];
  const std::size_t most =
      owner.is_address() ? config_.max_groups_per_address : config_.max_groups_per_user;
  if (groups.size() >= most) std::erase_if(groups, is_gone);
  if (groups.size() >= most) throw Error(kTooManyGroups);
  groups.push_back(id);
}

// A session is in one group, but for the moment in which it goes from one to the next.
Place GroupRegistry::group_of(SessionId session) const {
  auto groups = roster_.places_of(kGroupPlace, session);
  if (groups.empty()) throw Error(kNotInGroup);
  return std::move(groups.back());
}

void GroupRegistry::leave_others(SessionId session, const Place& stays_in) {
  for (const Place& group : roster_.places_of(kGroupPlace, session)) {
    if (group != stays_in) roster_.leave(group, session);
  }
}

// ---- What the others are told ----

void GroupRegistry::entered(const Change& change) {
  tell(change, kUserJoined);
}

void GroupRegistry::changed(const Change& change) {
  tell(change, kPeerUpdated);
}

void GroupRegistry::left(const Change& change, realtime::Out) {
  tell(change, kUserLeft);
}

void GroupRegistry::tell(const Change& change, const realtime::Outgoing<MemberEvent>& event) {
  std::string json;
  for (const Entry& entry : change.now.entries) {
    if (!entry.here || entry.session == change.entry.session) continue;
    if (json.empty()) json = write(MemberEvent{member_of(change.entry)});
    hub_.send(entry.session, event.name, json);
  }
}

}  // namespace stoa::groups
