#include "features/calls/call_registry.hpp"
#include "features/calls/calls_codes.hpp"
#include "features/calls/calls_types.hpp"
#include "features/calls/ice_servers.hpp"

#include <stoa/calls/calls.hpp>
#include <stoa/calls/calls_config.hpp>
#include <stoa/core/who_may.hpp>
#include <stoa/realtime/relay.hpp>
#include <stoa/rooms/rooms_topic.hpp>

#include <exception>
#include <utility>

namespace stoa::calls {
namespace {

constexpr std::size_t kMaxSignalBytes = 65536;

[[noreturn]] void refuse(std::initializer_list<std::string_view> path, std::string_view code,
                         std::string message) {
  Issues issues;
  for (const auto step : path) issues.enter(step);
  issues.add(code, std::move(message));
  issues.raise();
}

}  // namespace

Calls::Calls(net::Runtime& runtime, realtime::Hub& hub, realtime::Roster& roster,
             rooms::Membership& rooms, const CallsConfig& calls, const TurnConfig& turn)
    : hub_(hub),
      rooms_(rooms),
      turn_(turn),
      counts_(runtime, "room_call", calls.count_interval,
              [this](RoomId room) { return tell_count(room); }),
      registry_(std::make_unique<CallRegistry>(hub, roster, calls,
                                               [this](RoomId room) { counts_.changed(room); })) {
  rooms.watch(*this);
  rooms.count_calls([this](RoomId room) { return static_cast<int>(registry_->people(room)); });
}

Calls::~Calls() = default;

Task<CallSeat> Calls::join(realtime::SessionPtr session, CallJoin request) {
  auto seat = co_await take_seat(std::move(session), request.room_id, request.media, false);
  co_return seat;
}

Task<CallSeat> Calls::join_as_peernet(realtime::SessionPtr session, PeerNetJoin request) {
  const Caller caller = *session->caller();
  require_owner(request.user_id, caller.user, "userId is not the one who signed in");
  co_await rooms_.enter(caller, request.room_id);
  // It does not say what it sends; as a rule that is a camera with its microphone.
  const PeerMedia media{true, true, false, {}};
  auto seat = co_await take_seat(std::move(session), request.room_id, media, true);
  co_return seat;
}

Task<CallSeat> Calls::take_seat(realtime::SessionPtr session, RoomId room, PeerMedia media,
                                bool in_peernets_words) {
  const UserId user = session->caller()->user;
  const std::uint64_t removals = rooms_.removals();
  rooms::MemberInfo member = co_await rooms_.get_member(user, room);
  // The others need not hear of a session that has closed meanwhile: its end, which waits for this event, would take it out
  // again.
  if (!session->open()) throw Error(kNotInCall);
  CallRegistry::Newcomer newcomer{session->id(), user, std::move(member.full_name), media,
                                  in_peernets_words ? Words::peernet : Words::own};
  CallSeat seat = co_await registry_->join(room, std::move(newcomer));
  if (rooms_.removals() != removals) {
    std::exception_ptr removed;
    try {
      co_await rooms_.get_member(user, room);
    } catch (...) {
      removed = std::current_exception();
    }
    if (removed) {
      registry_->leave(room, session->id());
      std::rethrow_exception(removed);
    }
  }
  seat.ice_servers = ice_servers_for(user, turn_, now()).ice_servers;
  co_return seat;
}

void Calls::leave(const realtime::SessionPtr& session, CallLeave request) {
  if (!registry_->leave(request.room_id, session->id())) throw Error(kNotInCall);
}

void Calls::offer(const realtime::SessionPtr& session, SendDescription request) {
  if (request.description.type != DescriptionType::offer) {
    refuse({"description", "type"}, "invalid_enum_value", "Expected an offer");
  }
  const auto route = registry_->route(request.room_id, session->id(), request.to);
  RelayedDescription relayed{request.room_id, route.from, std::move(request.description)};
  realtime::relay(hub_, *session, route.to, kOffer, relayed);
}

void Calls::answer(const realtime::SessionPtr& session, SendDescription request) {
  if (request.description.type == DescriptionType::offer) {
    refuse({"description", "type"}, "invalid_enum_value", "Expected an answer");
  }
  const auto route = registry_->route(request.room_id, session->id(), request.to);
  RelayedDescription relayed{request.room_id, route.from, std::move(request.description)};
  realtime::relay(hub_, *session, route.to, kAnswer, relayed);
}

void Calls::ice_candidate(const realtime::SessionPtr& session, SendCandidate request) {
  const auto route = registry_->route(request.room_id, session->id(), request.to);
  RelayedCandidate relayed{request.room_id, route.from, std::move(request.candidate)};
  realtime::relay(hub_, *session, route.to, kIceCandidate, relayed);
}

void Calls::signal(const realtime::SessionPtr& session, SendSignal request) {
  const auto route = registry_->route(request.room_id, session->id(), request.to);
  if (dump_json(request.signal).size() > kMaxSignalBytes) {
    refuse({"signal"}, "too_big", "At most " + std::to_string(kMaxSignalBytes) + " bytes");
  }
  RelayedSignal relayed{request.room_id, route.from, std::move(request.signal)};
  realtime::relay(hub_, *session, route.to, kSignal, relayed);
}

Task<> Calls::set_media(realtime::SessionPtr session, SetMedia request) {
  co_await registry_->set_media(request.room_id, session->id(), request);
}

Task<IceServers> Calls::ice_servers(Caller caller) {
  co_return ice_servers_for(caller.user, turn_, now());
}

Task<> Calls::tell_count(RoomId room) {
  const RoomCallUpdated told{room, static_cast<int>(registry_->people(room))};
  hub_.publish(rooms::topic_of(room), kRoomCallUpdated, told);
  co_return;
}

std::size_t Calls::active_calls() const {
  return registry_->calls();
}
std::size_t Calls::active_peers() const {
  return registry_->peers();
}

void Calls::member_removed(RoomId room, UserId user) {
  registry_->evict(room, user);
}
void Calls::room_closed(RoomId room) {
  registry_->dissolve(room);
}
void Calls::session_ended(realtime::Session& session) {
  registry_->leave_all(session.id());
}

}  // namespace stoa::calls
