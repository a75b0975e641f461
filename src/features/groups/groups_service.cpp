#include "features/groups/group_registry.hpp"
#include "features/groups/groups_codes.hpp"
#include "features/groups/groups_types.hpp"

#include <stoa/core/text.hpp>
#include <stoa/groups/groups.hpp>
#include <stoa/groups/groups_config.hpp>
#include <stoa/realtime/relay.hpp>

#include <utility>

namespace stoa::groups {
namespace {

std::string named(Name name, Code empty) {
  if (is_blank(name.value)) throw Error(empty);
  return std::move(name.value);
}

GroupRegistry::Newcomer newcomer(const realtime::Session& session, Name username) {
  GroupRegistry::Newcomer who{session.id(), limit_key(session), {}, {}, {}};
  if (session.caller()) who.user = session.caller()->user;
  who.username = named(std::move(username), kInvalidUsername);
  return who;
}

GroupId parsed(const std::string& text) {
  const auto id = GroupId::parse(text);
  if (!id) throw Error(kInvalidGroupId);
  return *id;
}

}  // namespace

Groups::Groups(realtime::Hub& hub, realtime::Roster& roster, const GroupsConfig& config)
    : hub_(hub), registry_(std::make_unique<GroupRegistry>(hub, roster, config)) {}

Groups::~Groups() = default;

// The session stays until its event has ended, and then leaves whatever it is in.
Task<> Groups::create(realtime::SessionPtr session, CreateGroup request) {
  std::string name = named(std::move(request.group_name), kInvalidGroupName);
  GroupRegistry::Newcomer who = newcomer(*session, std::move(request.username));
  const GroupCreated created = co_await registry_->create(std::move(who), std::move(name));
  session->send(kGroupCreated, created);
}

Task<> Groups::join(realtime::SessionPtr session, JoinGroup request) {
  const GroupId group = parsed(request.group_id.value);
  GroupRegistry::Newcomer who = newcomer(*session, std::move(request.username));
  if (request.peer_id) who.peer_id = std::move(request.peer_id->value);
  const auto joined = co_await registry_->join(group, std::move(who));
  session->send(kGroupJoined, joined.answer);
  session->send(kExistingPeers, joined.peers);
}

void Groups::leave(const realtime::SessionPtr& session, LeaveGroup) {
  if (!registry_->leave(session->id())) throw Error(kNotInGroup);
}

Task<> Groups::update_peer_id(realtime::SessionPtr session, UpdatePeerId request) {
  std::string peer_id = std::move(request.peer_id.value);
  const auto peers = co_await registry_->set_peer_id(session->id(), std::move(peer_id));
  session->send(kExistingPeers, peers);
}

void Groups::request_call(const realtime::SessionPtr& session, CallRequest request) {
  const auto route = registry_->route(session->id(), request.target_peer_id.value);
  request.from_peer_id.value = *route.from.peer_id.value;
  request.from_username.value = route.from.username;
  realtime::relay(hub_, *session, route.to, kCallRequest, request);
}

void Groups::respond_to_call(const realtime::SessionPtr& session, CallResponse request) {
  const auto route = registry_->route(session->id(), request.to_peer_id.value);
  request.from_peer_id.value = *route.from.peer_id.value;
  realtime::relay(hub_, *session, route.to, kCallResponse, request);
}

Task<GroupInfo> Groups::get(Client, GroupPath path) {
  auto group = registry_->find(parsed(path.group_id.value));
  if (!group) throw Error(kGroupNotFound);
  co_return std::move(*group);
}

std::size_t Groups::count() const {
  return registry_->count();
}

std::size_t Groups::people() const {
  return registry_->people();
}

void Groups::session_ended(realtime::Session& session) {
  registry_->leave(session.id());
}

}  // namespace stoa::groups
