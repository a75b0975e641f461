#include "features/calls/call_registry.hpp"
#include "features/calls/calls_codes.hpp"
#include "features/calls/calls_types.hpp"
#include "features/calls/ice_servers.hpp"
#include "features/calls/recent_joins.hpp"

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

struct Calls::Wish {
  UserId user;
  PeerMedia media;
  Words words = Words::own;
  bool only_seat = false;
};

Calls::Calls(Parts parts, const CallsConfig& calls, const PeerNetConfig& peernet,
             const TurnConfig& turn)
    : hub_(parts.hub),
      rooms_(parts.rooms),
      gate_(parts.gate),
      turn_(turn),
      counts_(parts.runtime, "room_call", calls.count_interval,
              [this](RoomId room) { return tell_count(room); }),
      registry_(std::make_unique<CallRegistry>(parts.hub, parts.roster, calls,
                                               [this](RoomId room) { counts_.changed(room); })),
      joins_(peernet.tokenless
                 ? std::make_unique<RecentJoins>(peernet.tokenless_joins, peernet.tokenless_window)
                 : nullptr) {
  rooms_.watch(*this);
  rooms_.count_calls([this](RoomId room) { return static_cast<int>(registry_->people(room)); });
}

Calls::~Calls() = default;

Task<CallSeat> Calls::join(realtime::SessionPtr session, CallJoin request) {
  Wish wish{session->caller()->user, request.media};
  auto seat = co_await take_seat(std::move(session), request.room_id, std::move(wish));
  co_return seat;
}

// It does not say what it sends; as a rule that is a camera with its microphone.
Task<CallSeat> Calls::join_as_peernet(realtime::SessionPtr session, PeerNetJoin request) {
  if (!session->caller()) {
    if (!joins_) throw Error(Code::unauthorized);  // before anything is looked up for a guest
    const UserId user = co_await find_named(std::move(request.user_id.value));
    auto seat = co_await join_without_token(std::move(session), request.room_id, user);
    co_return seat;
  }
  const Caller caller = *session->caller();
  const UserId user = co_await find_named(std::move(request.user_id.value));
  require_owner(user, caller.user, "userId is not the one who signed in");
  co_await rooms_.enter(caller, request.room_id);
  Wish wish{caller.user, {true, true, false, {}}, Words::peernet};
  auto seat = co_await take_seat(std::move(session), request.room_id, std::move(wish));
  co_return seat;
}

// A frontend whose token is of another issuer knows itself by that issuer's name alone.
Task<UserId> Calls::find_named(std::string name) {
  auto user = UserId::parse(name);
  if (!user) user = co_await gate_.find_foreign(std::move(name));
  // Of nobody: as any other who is not who signed in, or has not joined.
  co_return user.value_or(UserId{});
}

// docs/adr/0029-a-socket-without-a-token.md
Task<CallSeat> Calls::join_without_token(realtime::SessionPtr session, RoomId room, UserId user) {
  const auto sign_in = joins_->find(room, user, session->client().address);
  if (!sign_in) throw Error(kJoinRoomFirst);
  // From here on it ends with the sign-in; what has ended before is seen by the look that follows.
  settle(*session, user, *sign_in);
  Client client = session->client();
  co_await gate_.admit(user, *sign_in, std::nullopt, std::move(client));
  Wish wish{user, {true, true, false, {}}, Words::peernet, true};
  auto seat = co_await take_seat(std::move(session), room, std::move(wish));
  co_return seat;
}

void Calls::settle(realtime::Session& session, UserId user, AuthSessionId sign_in) {
  {
    const std::lock_guard lock(mutex_);
    const auto [place, is_new] = guests_.try_emplace(session.id(), user);
    if (place->second != user) {
      throw Error(Code::forbidden, "This connection stands for somebody else");
    }
  }
  session.stand_for(user, sign_in);
}

Task<CallSeat> Calls::take_seat(realtime::SessionPtr session, RoomId room, Wish wish) {
  const UserId user = wish.user;
  const std::uint64_t removals = rooms_.removals();
  rooms::MemberInfo member = co_await rooms_.get_member(user, room);
  // The others need not hear of a session that has closed meanwhile: its end, which waits for this event, would take it out
  // again.
  if (!session->open()) throw Error(kNotInCall);
  CallRegistry::Newcomer newcomer{session->id(), user,       std::move(member.full_name),
                                  wish.media,    wish.words, wish.only_seat};
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
  const RoomId room = request.room_id ? *request.room_id : registry_->only_room(session->id());
  const auto route = registry_->route(room, session->id(), request.to);
  if (dump_json(request.signal).size() > kMaxSignalBytes) {
    refuse({"signal"}, "too_big", "At most " + std::to_string(kMaxSignalBytes) + " bytes");
  }
  RelayedSignal relayed{room, route.from, std::move(request.signal)};
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
void Calls::joined(RoomId room, const Caller& caller) {
  if (joins_) joins_->note(room, caller);
}
void Calls::session_ended(realtime::Session& session) {
  {
    const std::lock_guard lock(mutex_);
    guests_.erase(session.id());
  }
  registry_->leave_all(session.id());
}

}  // namespace stoa::calls
