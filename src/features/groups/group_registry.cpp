#include "features/groups/group_registry.hpp"

#include "features/groups/groups_codes.hpp"

#include <algorithm>
#include <utility>

namespace stoa::groups {
namespace {

GroupUser user_of(const GroupMember& member) {
  return {member.id, member.username};
}

}  // namespace

GroupCreated GroupRegistry::create(Newcomer who, std::string name, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget_empty(now);
  if (groups_.size() >= config_.max_groups && !forget_oldest_empty()) {
    throw Error(Code::overloaded, "There are as many groups as there may be; try again later");
  }
  take_out(who.session, now);
  const GroupId id = GroupId::make();
  Group& group = groups_[id];
  group.name = std::move(name);
  group.created_at = stoa::now();
  group.members.push_back({who.session, {Uuid::v7(), std::move(who.username), who.peer_id}});
  group_of_[who.session] = id;
  return {id, group.name, user_of(group.members.back().view)};
}

GroupRegistry::Joined GroupRegistry::join(GroupId id, Newcomer who, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget_empty(now);
  const auto found = groups_.find(id);
  if (found == groups_.end()) throw Error(kGroupNotFound);
  Group& group = found->second;
  const auto here = group_of_.find(who.session);
  const bool again = here != group_of_.end() && here->second == id;
  if (!again && group.members.size() >= config_.max_members) {
    throw Error(kGroupFull, "The group has " + std::to_string(group.members.size()) + " of " +
                                std::to_string(config_.max_members) + " members");
  }
  take_out(who.session, now);
  group.empty_since.reset();
  GroupMember view{Uuid::v7(), free_name(group, who.username), std::move(who.peer_id)};
  group.members.push_back({who.session, std::move(view)});
  group_of_[who.session] = id;
  const GroupMember& me = group.members.back().view;
  tell(group, kUserJoined, MemberEvent{me}, who.session);
  Joined joined{{id, group.name, user_of(me), {}}, peers_of(group, who.session)};
  for (const Member& member : group.members) joined.answer.members.push_back(member.view);
  return joined;
}

bool GroupRegistry::leave(SessionId session, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const bool was_in = group_of_.contains(session);
  take_out(session, now);
  return was_in;
}

ExistingPeers GroupRegistry::set_peer_id(SessionId session, std::string peer_id) {
  const std::lock_guard lock(mutex_);
  const auto found = group_of_.find(session);
  if (found == group_of_.end()) throw Error(kNotInGroup);
  Group& group = groups_.at(found->second);
  for (Member& member : group.members) {
    if (member.session != session) continue;
    member.view.peer_id = std::move(peer_id);
    tell(group, kPeerUpdated, MemberEvent{member.view}, session);
    break;
  }
  return peers_of(group, session);
}

GroupRegistry::Route GroupRegistry::route(SessionId from, const std::string& to_peer_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = group_of_.find(from);
  if (found == group_of_.end()) throw Error(kNotInGroup);
  const Member* sender = nullptr;
  const Member* addressee = nullptr;
  for (const Member& member : groups_.at(found->second).members) {
    if (member.session == from) {
      sender = &member;
    } else if (member.view.peer_id.value == to_peer_id) {
      addressee = &member;
    }
  }
  if (!sender->view.peer_id.value) {
    throw Error(Code::peer_not_found, "Send update-peer-id first");
  }
  if (addressee == nullptr) throw Error(Code::peer_not_found, "Nobody here has that peer id");
  return {sender->view, addressee->session};
}

std::optional<GroupInfo> GroupRegistry::find(GroupId id, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget_empty(now);
  const auto found = groups_.find(id);
  if (found == groups_.end()) return std::nullopt;
  const Group& group = found->second;
  return GroupInfo{id, group.name, group.created_at, static_cast<int>(group.members.size()), true};
}

std::size_t GroupRegistry::count(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget_empty(now);
  return groups_.size();
}

std::size_t GroupRegistry::people() const {
  const std::lock_guard lock(mutex_);
  return group_of_.size();
}

void GroupRegistry::take_out(SessionId session, Clock::time_point now) {
  const auto found = group_of_.find(session);
  if (found == group_of_.end()) return;
  const GroupId id = found->second;
  group_of_.erase(found);
  Group& group = groups_.at(id);
  const auto member = std::find_if(group.members.begin(), group.members.end(),
                                   [&](const Member& one) { return one.session == session; });
  const MemberEvent gone{std::move(member->view)};
  group.members.erase(member);
  tell(group, kUserLeft, gone, session);
  if (!group.members.empty()) return;
  group.empty_since = now;
  empties_.emplace_back(now, id);
}

// Somebody who is there goes before somebody who may come back.
bool GroupRegistry::forget_oldest_empty() {
  while (!empties_.empty()) {
    const auto [since, id] = empties_.front();
    empties_.pop_front();
    const auto found = groups_.find(id);
    if (found == groups_.end() || found->second.empty_since != since) continue;
    groups_.erase(found);
    return true;
  }
  return false;
}

void GroupRegistry::forget_empty(Clock::time_point now) {
  while (!empties_.empty() && now - empties_.front().first >= config_.empty_ttl) {
    const auto [since, id] = empties_.front();
    empties_.pop_front();
    const auto found = groups_.find(id);
    if (found != groups_.end() && found->second.empty_since == since) groups_.erase(found);
  }
}

std::string GroupRegistry::free_name(const Group& group, const std::string& wanted) {
  const auto taken = [&](const std::string& name) {
    return std::any_of(group.members.begin(), group.members.end(),
                       [&](const Member& member) { return member.view.username == name; });
  };
  std::string name = wanted;
  for (int number = 2; taken(name); ++number) name = wanted + "-" + std::to_string(number);
  return name;
}

ExistingPeers GroupRegistry::peers_of(const Group& group, SessionId except) {
  ExistingPeers out;
  for (const Member& member : group.members) {
    if (member.session == except || !member.view.peer_id.value) continue;
    out.peers.push_back({*member.view.peer_id.value, member.view.username});
  }
  return out;
}

template <class Payload>
void GroupRegistry::tell(const Group& group, const realtime::Outgoing<Payload>& event,
                         const Payload& payload, SessionId except) {
  if (group.members.empty()) return;
  const std::string json = write(payload);
  for (const Member& member : group.members) {
    if (member.session != except) hub_.send(member.session, event.name, json);
  }
}

}  // namespace stoa::groups
