#pragma once
// Mesh calls in rooms: who is in a call, and the relay of their signals. The server sees no media. Only
// members of the room join its call, only peers of one call reach one another, and `from` is always
// the server's own word. Nothing is stored.
//
// Owned by the composition root; callable on any shard.
#include <stoa/auth/session_gate.hpp>
#include <stoa/calls/calls_config.hpp>
#include <stoa/core/caller.hpp>
#include <stoa/core/task.hpp>
#include <stoa/http/route.hpp>
#include <stoa/net/paced.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/realtime/roster.hpp>
#include <stoa/rooms/membership.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace stoa::calls {

struct CallJoin;
struct PeerNetJoin;
struct CallLeave;
struct CallSeat;
struct SendDescription;
struct SendCandidate;
struct SendSignal;
struct SetMedia;
struct IceServers;
struct PeerMedia;
class CallRegistry;
class RecentJoins;

class Calls final : public rooms::Watcher, public realtime::SessionObserver {
 public:
  // What it works with; all of it outlives it.
  struct Parts {
    net::Runtime& runtime;
    realtime::Hub& hub;
    realtime::Roster& roster;
    rooms::Membership& rooms;
    auth::SessionGate& gate;
  };
  // Watches the rooms from here on, and counts for them.
  Calls(Parts parts, const CallsConfig& calls, const PeerNetConfig& peernet,
        const TurnConfig& turn);
  ~Calls() override;

  // A seat belongs to a session, and goes with it.
  Task<CallSeat> join(realtime::SessionPtr session, CallJoin request);
  // As PeerNet's frontend does it: into a public room's membership on the way, and told in its words. Where peernet.tokenless is
  // set also a guest, as somebody who joined that room over REST a moment ago.
  Task<CallSeat> join_as_peernet(realtime::SessionPtr session, PeerNetJoin request);
  void leave(const realtime::SessionPtr& session, CallLeave request);
  void offer(const realtime::SessionPtr& session, SendDescription request);
  void answer(const realtime::SessionPtr& session, SendDescription request);
  void ice_candidate(const realtime::SessionPtr& session, SendCandidate request);
  void signal(const realtime::SessionPtr& session, SendSignal request);
  Task<> set_media(realtime::SessionPtr session, SetMedia request);

  Task<IceServers> ice_servers(Caller caller);
  // Whether guests may send what a page of PeerNet's sends.
  bool takes_guests() const noexcept { return joins_ != nullptr; }

  // For the metrics; any thread.
  std::size_t active_calls() const;
  std::size_t active_peers() const;

  // rooms::Watcher
  void member_removed(RoomId room, UserId user) override;
  void room_closed(RoomId room) override;
  void joined(RoomId room, const Caller& caller) override;
  // realtime::SessionObserver
  void session_ended(realtime::Session& session) override;

 private:
  struct Wish;
  Task<CallSeat> take_seat(realtime::SessionPtr session, RoomId room, Wish wish);
  Task<UserId> find_named(std::string name);
  Task<CallSeat> join_without_token(realtime::SessionPtr session, RoomId room, UserId user);
  // Throws Error{forbidden} where the session stands for somebody else already.
  void settle(realtime::Session& session, UserId user, AuthSessionId sign_in);

  Task<> tell_count(RoomId room);

  realtime::Hub& hub_;
  rooms::Membership& rooms_;
  auth::SessionGate& gate_;
  const TurnConfig& turn_;
  net::Paced<RoomId> counts_;
  std::unique_ptr<CallRegistry> registry_;
  const std::unique_ptr<RecentJoins> joins_;  // null: no guest comes in
  std::mutex mutex_;
  std::unordered_map<realtime::SessionId, UserId> guests_;  // whom they stand for
};

http::Routes calls_routes(Calls& calls);
realtime::Events calls_events(Calls& calls);
realtime::OutgoingTable calls_sends();

}  // namespace stoa::calls
