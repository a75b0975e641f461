// What chat serves over sockets. Being in a room is a matter of the connection, so coming in, going out
// and typing are handled here; everything else is the service's.
#include "features/chat/chat_types.hpp"
#include "features/chat/typists.hpp"

#include <stoa/chat/chat.hpp>
#include <stoa/rooms/rooms_topic.hpp>
#include <stoa/rooms/who_may.hpp>

#include <algorithm>
#include <utility>

namespace stoa::chat {
namespace {

using realtime::SessionPtr;
using realtime::Topic;

void go_out(Chat& chat, realtime::Session& session, RoomId room) {
  session.unsubscribe(rooms::topic_of(room));
  chat.typists().leave(session.id(), room);
  chat.rooms().depart(session.id(), room);
}

// The session is subscribed but held. Answers what it missed, and leaves it present in the room.
Task<ChatEntry> come_in(Chat& chat, SessionPtr session, EnterRoom request, rooms::RoomEntry entry) {
  rooms::Membership& rooms = chat.rooms();
  const RoomId room = request.room_id;
  const UserId user = session->caller()->user;
  const std::uint64_t removals = rooms.removals();
  std::vector<Topic> topics(1, rooms::topic_of(room));
  co_await chat.hub().listening(std::move(topics));
  std::optional<std::int64_t> since;
  if (request.since_seq) since = request.since_seq->value;
  Missed missed = co_await chat.missed(user, room, since);
  rooms::require_member(session->open());

  const rooms::Participant& me = rooms::require_participant(entry, user);
  chat.typists().enter(session->id(), room, me.full_name);
  rooms::Participant who = me;
  co_await rooms.arrive(session->id(), room, std::move(who));
  if (rooms.removals() != removals) {
    co_await rooms.get_member(user, room);  // perhaps it was this very person
  }
  // What others hear from here on reaches this client after the answer.
  rooms.refresh_presence(entry);
  co_return ChatEntry{std::move(entry.room), std::move(entry.participants),
                      std::move(missed.messages), missed.last_seq, missed.complete};
}

Task<ChatEntry> join_room(Chat& chat, SessionPtr session, EnterRoom request) {
  const RoomId room = request.room_id;
  Caller caller = *session->caller();
  rooms::RoomEntry before;
  if (request.as_member) {
    before = co_await chat.rooms().enter_as_member(std::move(caller), room);
  } else {
    before = co_await chat.rooms().enter(std::move(caller), room);
  }
  rooms::require_member(session->open());

  const Topic topic = rooms::topic_of(room);
  session->subscribe_held(topic);
  std::exception_ptr refused;
  ChatEntry entry;
  try {
    entry = co_await come_in(chat, session, request, std::move(before));
  } catch (...) {
    refused = std::current_exception();
  }
  if (refused) {
    go_out(chat, *session, room);
    std::rethrow_exception(refused);
  }
  session->after_answer([kept = std::weak_ptr(session), topic, seq = entry.last_seq] {
    if (const auto still = kept.lock()) still->release(topic, seq);
  });
  co_return entry;
}

// Out of the room for now. The membership stays; giving it up is POST /api/rooms/{id}/leave.
void leave_room(Chat& chat, const SessionPtr& session, ExitRoom request) {
  go_out(chat, *session, request.room_id);
}

void typing(Chat& chat, const SessionPtr& session, Typing request) {
  const Topic topic = rooms::topic_of(request.room_id);
  UserTyping told{request.room_id, session->caller()->user, {}, request.is_typing};
  const auto verdict =
      chat.typists().types(session->id(), request.room_id, request.is_typing, told.name);
  // A kick takes the subscription away and leaves the typist's entry behind.
  rooms::require_member(verdict != Typists::Verdict::not_here && session->subscribed(topic));
  if (verdict == Typists::Verdict::tell) {
    chat.hub().publish(topic, kUserTyping, told, session->id());
  }
}

}  // namespace

// As join_room, for the rooms that the session was in before its connection was lost: for those where the person still is a
// member, and what was missed is the hub's to say. One look-up for all rooms, which others' go along with.
Task<> Chat::session_resumed(SessionPtr session, std::vector<Topic> topics) {
  std::vector<RoomId> rooms;
  for (const Topic& topic : topics) {
    if (topic.kind == &rooms::kRoomTopic) rooms.push_back({topic.id});
  }
  const UserId user = session->caller()->user;
  const std::uint64_t removals = rooms_.removals();
  std::vector<RoomId> asked = rooms;
  auto members = co_await rooms_.find_members(user, std::move(asked));
  for (std::size_t i = 0; i < rooms.size() && session->open(); ++i) {
    if (!members[i]) continue;
    session->subscribe(rooms::topic_of(rooms[i]));
    typists_->enter(session->id(), rooms[i], members[i]->full_name);
    rooms::Participant who = members[i]->participant(user);
    bool taken_out = false;
    try {
      co_await rooms_.arrive(session->id(), rooms[i], std::move(who));
    } catch (const Error& error) {
      if (error.code() != Code::conflict) throw;
      taken_out = true;
    }
    if (taken_out) {
      go_out(*this, *session, rooms[i]);
      members[i].reset();
    }
  }
  auto still = members;
  if (rooms_.removals() != removals) {
    // Perhaps it was this very person, from one of these rooms.
    std::vector<RoomId> again = rooms;
    still = co_await rooms_.find_members(user, std::move(again));
  }
  // What follows the end of a session has no event to wait for here.
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    if (members[i] && !(still[i] && session->open())) go_out(*this, *session, rooms[i]);
  }
}

// clang-format off
realtime::Events chat_events(Chat& chat) {
  using realtime::on;
  constexpr auto user = Who::signed_in;
  constexpr auto read = Limit::read, write = Limit::write, none = Limit::none;
  constexpr auto serial = realtime::Order::serial, flowing = realtime::Order::flowing;
  return {
      {"join_room",       user, read,  serial,  "Come into a room and hear it",           on<&join_room>(chat)},
      {"leave_room",      user, none,  serial,  "Stop hearing a room; stay a member",     on<&leave_room>(chat)},
      {"send_message",    user, write, flowing, "Say something in a room",                on<&Chat::send>(chat)},
      {"edit_message",    user, write, flowing, "Change one's own message",               on<&Chat::edit>(chat)},
      {"delete_message",  user, write, flowing, "Delete a message (author or moderator)", on<&Chat::erase>(chat)},
      {"add_reaction",    user, write, flowing, "React to a message",                     on<&Chat::add_reaction>(chat)},
      {"remove_reaction", user, write, flowing, "Take a reaction back",                   on<&Chat::remove_reaction>(chat)},
      {"mark_read",       user, none,  flowing, "Say up to where one has read",           on<&Chat::mark_read>(chat)},
      {"typing",          user, none,  serial,  "Say that one types, or stopped",         on<&typing>(chat)},
  };
}
// clang-format on

realtime::OutgoingTable chat_sends() {
  using realtime::sends;
  return {sends(kNewMessage), sends(kMessageUpdated), sends(kReadUpdated), sends(kUserTyping)};
}

}  // namespace stoa::chat
