#pragma once
// Requests, answers and events of groups, in the words that PeerShare's clients use. Texts are trimmed
// when they are read; whether one may be empty is said with a code of its own.
#include <stoa/core/binding.hpp>
#include <stoa/core/label.hpp>
#include <stoa/realtime/outgoing.hpp>

#include <string>
#include <vector>

namespace stoa::groups {

using GroupId = Id<struct GroupTag>;

using Name = Label<0, 100>;
using PeerName = Text<1, 128>;  // an id at a PeerServer

// ---- Requests ----

struct CreateGroup {
  Name group_name;
  Name username;
};
BOOST_DESCRIBE_STRUCT(CreateGroup, (), (group_name, username))

struct JoinGroup {
  Text<0, 64> group_id;
  Name username;
  std::optional<PeerName> peer_id;
};
BOOST_DESCRIBE_STRUCT(JoinGroup, (), (group_id, username, peer_id))

struct LeaveGroup {};
BOOST_DESCRIBE_STRUCT(LeaveGroup, (), ())

struct UpdatePeerId {
  PeerName peer_id;
};
BOOST_DESCRIBE_STRUCT(UpdatePeerId, (), (peer_id))

struct CallRequest {
  PeerName target_peer_id;
  PeerName from_peer_id;
  Name from_username;
};
BOOST_DESCRIBE_STRUCT(CallRequest, (), (target_peer_id, from_peer_id, from_username))

struct CallResponse {
  bool accepted = false;
  PeerName from_peer_id;
  PeerName to_peer_id;
};
BOOST_DESCRIBE_STRUCT(CallResponse, (), (accepted, from_peer_id, to_peer_id))

struct GroupPath {
  Verbatim<1, 64> group_id;
};
BOOST_DESCRIBE_STRUCT(GroupPath, (), (group_id))

// ---- Answers and events ----

struct GroupInfo {
  GroupId id;
  std::string name;
  Timestamp created_at;
  int member_count = 0;
  bool exists = true;
};
BOOST_DESCRIBE_STRUCT(GroupInfo, (), (id, name, created_at, member_count, exists))

struct GroupUser {
  Uuid id;
  std::string username;
};
BOOST_DESCRIBE_STRUCT(GroupUser, (), (id, username))

struct GroupMember {
  Uuid id;
  std::string username;
  Omittable<std::string> peer_id;
};
BOOST_DESCRIBE_STRUCT(GroupMember, (), (id, username, peer_id))

struct GroupPeer {
  std::string peer_id;
  std::string username;
};
BOOST_DESCRIBE_STRUCT(GroupPeer, (), (peer_id, username))

struct GroupCreated {
  GroupId group_id;
  std::string group_name;
  GroupUser user;
};
BOOST_DESCRIBE_STRUCT(GroupCreated, (), (group_id, group_name, user))

struct GroupJoined {
  GroupId group_id;
  std::string group_name;
  GroupUser user;
  std::vector<GroupMember> members;  // the others, in the order of their coming
};
BOOST_DESCRIBE_STRUCT(GroupJoined, (), (group_id, group_name, user, members))

struct MemberEvent {
  GroupMember user;
};
BOOST_DESCRIBE_STRUCT(MemberEvent, (), (user))

struct ExistingPeers {
  std::vector<GroupPeer> peers;
};
BOOST_DESCRIBE_STRUCT(ExistingPeers, (), (peers))

using realtime::Outgoing;
inline constexpr Outgoing<GroupCreated> kGroupCreated{"group-created", "Your group is open"};
inline constexpr Outgoing<GroupJoined> kGroupJoined{"group-joined", "You are in the group"};
inline constexpr Outgoing<MemberEvent> kUserJoined{"user-joined", "Somebody came into the group"};
inline constexpr Outgoing<MemberEvent> kUserLeft{"user-left", "Somebody is out of the group"};
inline constexpr Outgoing<ExistingPeers> kExistingPeers{"existing-peers",
                                                        "The others who have a peer id"};
inline constexpr Outgoing<MemberEvent> kPeerUpdated{"peer-updated", "Somebody's peer id"};
inline constexpr Outgoing<CallRequest> kCallRequest{"call-request", "A peer wants to call"};
inline constexpr Outgoing<CallResponse> kCallResponse{"call-response", "A peer's answer to a call"};

}  // namespace stoa::groups
