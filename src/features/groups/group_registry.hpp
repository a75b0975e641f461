#pragma once
// Which groups there are and who is in them, on this node. Changes are told to the others while the lock is
// held, so that each member hears of the others in one order.
//
// Thread-safe; one mutex, held for a few look-ups and at most max_members sends, which only enqueue.
#include "features/groups/groups_types.hpp"

#include <stoa/groups/groups_config.hpp>
#include <stoa/realtime/hub.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace stoa::groups {

class GroupRegistry {
 public:
  using Clock = std::chrono::steady_clock;
  using SessionId = realtime::SessionId;

  GroupRegistry(realtime::Hub& hub, const GroupsConfig& config) : hub_(hub), config_(config) {}

  struct Newcomer {
    SessionId session;
    std::string username;
    std::optional<std::string> peer_id;
  };
  struct Joined {
    GroupJoined answer;
    ExistingPeers peers;
  };
  // Both leave the group that the session was in. Error{overloaded} when there are max_groups.
  GroupCreated create(Newcomer who, std::string name, Clock::time_point now = Clock::now());
  // Error{group_not_found | group_full}. A taken name gets a number.
  Joined join(GroupId id, Newcomer who, Clock::time_point now = Clock::now());
  // False when the session was in no group.
  bool leave(SessionId session, Clock::time_point now = Clock::now());
  // Error{not_in_group}.
  ExistingPeers set_peer_id(SessionId session, std::string peer_id);

  struct Route {
    GroupMember from;
    SessionId to;
  };
  // Error{not_in_group} for the sender, Error{peer_not_found} where nobody of its group has that peer id.
  Route route(SessionId from, const std::string& to_peer_id) const;

  std::optional<GroupInfo> find(GroupId id, Clock::time_point now = Clock::now());
  std::size_t count(Clock::time_point now = Clock::now());
  std::size_t people() const;

 private:
  struct Member {
    SessionId session;
    GroupMember view;
  };
  struct Group {
    std::string name;
    Timestamp created_at;
    std::vector<Member> members;  // in the order of their coming
    std::optional<Clock::time_point> empty_since;
  };
  using GroupMap = std::unordered_map<GroupId, Group>;

  void take_out(SessionId session, Clock::time_point now);
  void forget_empty(Clock::time_point now);
  bool forget_oldest_empty();  // false: there is none
  static std::string free_name(const Group& group, const std::string& wanted);
  static ExistingPeers peers_of(const Group& group, SessionId except);
  template <class Payload>
  void tell(const Group& group, const realtime::Outgoing<Payload>& event, const Payload& payload,
            SessionId except);

  realtime::Hub& hub_;
  const GroupsConfig& config_;
  mutable std::mutex mutex_;
  GroupMap groups_;
  std::unordered_map<SessionId, GroupId> group_of_;
  // Groups that became empty, the longest ago first; some have been filled again since.
  std::deque<std::pair<Clock::time_point, GroupId>> empties_;
};

}  // namespace stoa::groups
