#pragma once
// The rules of rooms: who may see, join, lead and leave them. One transaction a call, with the room's
// row locked wherever its members change; what others must hear goes out with the commit.
// Owned by the composition root, callable on any shard; its own state is atomic or fixed at the start.
#include <stoa/files/emblems.hpp>
#include <stoa/http/form.hpp>
#include <stoa/http/route.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/realtime/roster.hpp>
#include <stoa/rooms/membership.hpp>
#include <stoa/rooms/rooms_config.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::rooms {

struct RoomPath;
struct RoomListQuery;
struct CreateRoom;
struct UpdateRoom;
struct NewLogo;
struct JoinRoom;
struct JoinByCode;
struct RoomPage;
struct RoomMember;
struct MemberPath;
struct UpdateMember;
struct RoomInvite;
struct CreateInvite;
struct InvitePath;
struct RoomBan;
struct RoomMute;
struct CreateBan;
struct Left;
enum class LeaveReason;
class RoomStatsTeller;

class Rooms final : public Membership,
                    public realtime::SessionObserver,
                    public realtime::RosterObserver {
 public:
  // `logos`: what it works with, the database among it. All of it outlives it, as does the configuration.
  Rooms(files::Emblems::Parts logos, realtime::Hub& hub, realtime::Roster& roster,
        net::Runtime& runtime, const Config& all);
  ~Rooms() override;

  Task<Page<RoomView>> list(Visitor visitor, RoomListQuery query);
  Task<RoomView> get(Visitor visitor, RoomPath path);
  Task<RoomView> create(Creator creator, CreateRoom request);
  Task<RoomView> update(Caller caller, UpdateRoom request);
  Task<> close(Caller caller, RoomPath path);

  // Its logo becomes a picture that the server has, in the place of whatever it was. Throws what Emblems::bring() throws; the
  // one before stays then.
  Task<RoomView> set_logo(Caller caller, NewLogo fields, http::FormFile file);
  Task<RoomView> remove_logo(Caller caller, RoomPath path);
  // For whoever has its address: it is in the room's record.
  Task<http::Download> show_logo(Client client, files::EmblemQuery query);
  std::uint64_t most_logo_form() const { return logos_.most_form(); }

  // Joining again is harmless and answers the same.
  Task<RoomEntry> join(Caller caller, JoinRoom request);
  Task<RoomEntry> join_by_code(Caller caller, JoinByCode request);
  // Ownership passes on; the last one out closes the room.
  Task<> leave(Caller caller, RoomPath path);

  Task<Page<RoomMember>> list_members(Caller caller, RoomPage query);
  Task<RoomMember> update_member(Caller caller, UpdateMember request);
  Task<> kick(Caller caller, MemberPath path);

  Task<RoomInvite> create_invite(Creator creator, CreateInvite request);
  Task<Page<RoomInvite>> list_invites(Caller caller, RoomPath path);
  Task<> delete_invite(Caller caller, InvitePath path);

  Task<RoomBan> ban(Creator creator, CreateBan request);
  Task<Page<RoomBan>> list_bans(Caller caller, RoomPage query);
  Task<> unban(Caller caller, MemberPath path);

  Task<Page<RoomMute>> list_mutes(Caller caller, RoomPage query);
  // Of a member, or of somebody who has left.
  Task<> unmute(Caller caller, MemberPath path);

  // Somebody whose account is deleted leaves one room, as by leave(). False: he was in none any more.
  bool leave_next(pg::Tx& tx, const Caller& who);

  // Membership
  Task<RoomEntry> enter(Caller caller, RoomId room) override;
  Task<RoomEntry> enter_as_member(Caller caller, RoomId room) override;
  Task<MemberInfo> get_member(UserId user, RoomId room) override;
  Task<std::vector<std::optional<MemberInfo>>> find_members(UserId user,
                                                            std::vector<RoomId> rooms) override;
  std::uint64_t removals() const noexcept override { return removals_.load(); }
  void watch(Watcher& watcher) override { watchers_.push_back(&watcher); }
  void count_calls(CountCall count) override { count_call_ = std::move(count); }
  Task<> arrive(realtime::SessionId session, RoomId room, Participant who) override;
  void depart(realtime::SessionId session, RoomId room) override;
  void refresh_presence(RoomEntry& entry) const override;

  // SessionObserver
  void session_ended(realtime::Session& session) override;
  // RosterObserver: others hear of a person's first session in a room, and of the last.
  void entered(const realtime::Change& change) override;
  void left(const realtime::Change& change, realtime::Out why) override;
  void evicted(const realtime::Place& place, UserId user, std::string_view told) override;

 private:
  struct Lookups;

  RoomView change_logo(pg::Tx& tx, UserId user, RoomId room, std::optional<std::string> url) const;
  Task<RoomEntry> entry_of(RoomView room);
  Task<RoomEntry> join_as(UserId user, RoomId room, std::optional<std::string> code);
  void tell_joined(RoomId room, const Caller& caller) const;
  void with_presence(RoomView& room) const;
  void check_limit(int max_participants) const;
  void leave_in(pg::Tx& tx, RoomId room, UserId user, const Left& left);
  // What follows when a membership or a room has ended, or may have: harmless once too often. It is done again when a
  // removal is asked for that finds no membership to end; `reason` is empty then, and nobody hears of it.
  void removed(RoomId room, UserId user, std::optional<LeaveReason> reason);
  void closed(RoomId room);
  void mute_in(pg::Tx& tx, const Caller& caller, RoomId room, const RoomMember& target,
               std::optional<Timestamp> until);
  void tell(const realtime::Place& place, std::string_view event, std::string payload,
            std::optional<realtime::SessionId> except);

  pg::Database& db_;
  realtime::Hub& hub_;
  realtime::Roster& roster_;
  files::Emblems logos_;
  const RoomsConfig& config_;
  const std::size_t page_bytes_;
  std::unique_ptr<Lookups> lookups_;
  std::unique_ptr<RoomStatsTeller> stats_;
  std::vector<Watcher*> watchers_;
  CountCall count_call_ = [](RoomId) { return 0; };
  std::atomic<std::uint64_t> removals_{0};
};

http::Routes rooms_routes(Rooms& rooms);
realtime::OutgoingTable rooms_sends();

}  // namespace stoa::rooms
