#pragma once
// Which groups there are and who is in them: a use of the roster. Changes are told to the others as the roster's observer, so
// that each member hears of the others in one order. A group without anybody is kept for a while, and gives way where there are
// as many as there may be.
//
// Thread-safe.
#include "features/groups/groups_types.hpp"

#include <stoa/core/task.hpp>
#include <stoa/groups/groups_config.hpp>
#include <stoa/net/rate_key.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/roster.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace stoa::groups {

// What is kept of a group itself; of each in it, their GroupMember.
struct GroupAbout {
  std::string name;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(GroupAbout, (), (name, created_at))

inline constexpr realtime::PlaceKind kGroupPlace{"group", &realtime::kCodecOf<GroupMember>,
                                                 &realtime::kCodecOf<GroupAbout>};

class GroupRegistry final : public realtime::RosterObserver {
 public:
  using SessionId = realtime::SessionId;

  // Serves the groups of the roster from here on.
  GroupRegistry(realtime::Hub& hub, realtime::Roster& roster, const GroupsConfig& config);

  struct Newcomer {
    SessionId session;
    net::RateKey owner;  // the person, or the address of a guest
    std::optional<UserId> user;
    std::string username;
    std::optional<std::string> peer_id;
  };
  struct Joined {
    GroupJoined answer;
    ExistingPeers peers;
  };
  // Both leave the group that the session was in. Error{overloaded} when there are max_groups, Error{too_many_groups} where
  // as many of those are the owner's as may be.
  Task<GroupCreated> create(Newcomer who, std::string name);
  // Error{group_not_found | group_full | peer_id_taken}. A taken name gets a number. Another session of the same person that
  // has the peer id leaves the group.
  Task<Joined> join(GroupId id, Newcomer who);
  // False when the session was in no group.
  bool leave(SessionId session);
  // Error{not_in_group | peer_id_taken}, as join().
  Task<ExistingPeers> set_peer_id(SessionId session, std::string peer_id);

  struct Route {
    GroupMember from;
    SessionId to;
  };
  // Error{not_in_group} for the sender, Error{peer_not_found} where nobody of its group has that peer id.
  Route route(SessionId from, const std::string& to_peer_id) const;

  std::optional<GroupInfo> find(GroupId id) const;
  std::size_t count() const;
  std::size_t people() const;

  // realtime::RosterObserver
  void entered(const realtime::Change& change) override;
  void changed(const realtime::Change& change) override;
  void left(const realtime::Change& change, realtime::Out why) override;

 private:
  // Notes that the owner opens one. Throws Error{too_many_groups}.
  void note_opened(const net::RateKey& owner, GroupId id);
  // Throws Error{not_in_group}.
  realtime::Place group_of(SessionId session) const;
  void leave_others(SessionId session, const realtime::Place& stays_in);
  void tell(const realtime::Change& change, const realtime::Outgoing<MemberEvent>& event);

  realtime::Hub& hub_;
  realtime::Roster& roster_;
  const GroupsConfig& config_;
  std::mutex mutex_;  // of what follows; nothing asks for it under the roster's lock
  std::unordered_map<net::RateKey, std::vector<GroupId>> opened_;  // and not known to be gone
  std::size_t sweep_at_ = 1024;  // owners, at which those without a group are looked for
};

}  // namespace stoa::groups
