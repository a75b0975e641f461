#pragma once
// Groups as PeerShare has them: somebody opens one, others come in with its id, and all learn one another's
// PeerJS ids to share and call. No account, nothing stored: a group is in memory alone, and is gone some time
// after the last person has left. Whether guests may is realtime.guests' to say.
//
// Owned by the composition root; callable on any shard.
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/groups/groups_config.hpp>
#include <stoa/http/route.hpp>
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/realtime/roster.hpp>

#include <cstddef>
#include <memory>

namespace stoa::groups {

struct CreateGroup;
struct JoinGroup;
struct LeaveGroup;
struct UpdatePeerId;
struct CallRequest;
struct CallResponse;
struct GroupPath;
struct GroupInfo;
class GroupRegistry;

class Groups final : public realtime::SessionObserver {
 public:
  Groups(realtime::Hub& hub, realtime::Roster& roster, const GroupsConfig& config);
  ~Groups() override;

  // A session is in one group at a time; opening or joining another leaves the first.
  Task<> create(realtime::SessionPtr session, CreateGroup request);
  Task<> join(realtime::SessionPtr session, JoinGroup request);
  void leave(const realtime::SessionPtr& session, LeaveGroup request);
  Task<> update_peer_id(realtime::SessionPtr session, UpdatePeerId request);
  // Reach one peer of the sender's own group; who sends them is the server's word.
  void request_call(const realtime::SessionPtr& session, CallRequest request);
  void respond_to_call(const realtime::SessionPtr& session, CallResponse request);

  Task<GroupInfo> get(Client client, GroupPath path);

  // For the totals; any thread.
  std::size_t count() const;
  std::size_t people() const;

  // realtime::SessionObserver
  void session_ended(realtime::Session& session) override;

 private:
  realtime::Hub& hub_;
  std::unique_ptr<GroupRegistry> registry_;
};

http::Routes groups_routes(Groups& groups);
realtime::Events groups_events(Groups& groups);
realtime::OutgoingTable groups_sends();

}  // namespace stoa::groups
