#include "features/whiteboard/board_registry.hpp"

#include "features/whiteboard/whiteboard_codes.hpp"

#include <stoa/rooms/who_may.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace stoa::whiteboard {
namespace {

using realtime::Topic;

// What an object takes in the answer that has the whole board, besides its id and its text.
constexpr std::size_t kEnvelope = 96;

std::size_t bytes_of(std::string_view id, const std::string& json) {
  return id.size() + json.size() + kEnvelope;
}

}  // namespace

// ---- Coming and going ----

void BoardRegistry::take_seat(RoomId room, SessionId session, UserId user) {
  const std::lock_guard lock(mutex_);
  if (!boards_.contains(room) && boards_.size() >= limits_.boards) {
    throw Error(Code::overloaded, "As many whiteboards are open as may be; try again later");
  }
  const auto person = people_.find(user);
  if (person != people_.end() && !person->second.seats.contains(room) &&
      person->second.seats.size() >= limits_.boards_of_person) {
    throw Error(kTooManyBoards);
  }
  const auto [seat, is_new] = boards_[room].seats.try_emplace(session);
  if (is_new) {
    rooms_of_[session].push_back(room);
    ++people_[user].seats[room];
  }
  seat->second.user = user;
  seat->second.was_told = false;
}

bool BoardRegistry::admit(RoomId room, SessionId session, std::string name,
                          std::optional<Timestamp> muted_until) {
  const std::lock_guard lock(mutex_);
  Board* const board = find(room);
  if (board == nullptr) return false;
  const auto seat = board->seats.find(session);
  if (seat == board->seats.end()) return false;
  seat->second.name = std::move(name);
  if (!seat->second.was_told) seat->second.muted_until = muted_until;
  return true;
}

bool BoardRegistry::is_live(RoomId room) const {
  return find_board(room).has_value();
}

std::optional<BoardId> BoardRegistry::find_board(RoomId room) const {
  const std::lock_guard lock(mutex_);
  const Board* const board = find(room);
  if (board == nullptr || !board->is_live) return std::nullopt;
  return board->id;
}

void BoardRegistry::install(store::StoredBoard stored) {
  const std::lock_guard lock(mutex_);
  Board* const board = find(stored.room);
  if (board == nullptr || board->is_live)
    return;  // everybody has left, or another reading was first
  board->id = stored.held_by;
  board->is_live = true;
  board->version = stored.version;
  for (store::ObjectRow& row : stored.objects) {
    auto json = std::make_shared<const std::string>(std::move(row.body));
    put(*board, std::move(row.id), {row.version, row.place, std::move(json)});
  }
}

std::optional<BoardEntry> BoardRegistry::enter(RoomId room, BoardId id, SessionId session) {
  const std::lock_guard lock(mutex_);
  Board* const board = find(room);
  if (board == nullptr || !board->is_live || board->id != id) return std::nullopt;
  const auto seat = board->seats.find(session);
  if (seat == board->seats.end()) return std::nullopt;
  seat->second.is_here = true;
  BoardEntry entry{room, board->version, {}};
  entry.objects.reserve(board->places.size());
  for (const auto& [place, object_id] : board->places) {
    const Object& object = board->objects.at(*object_id);
    entry.objects.push_back({*object_id, object.version, place, {*object_id, object.json}});
  }
  return entry;
}

std::optional<BoardId> BoardRegistry::leave(RoomId room, SessionId session) {
  const std::lock_guard lock(mutex_);
  Board* const board = find(room);
  if (board == nullptr || !board->seats.contains(session)) return std::nullopt;
  const auto id = board->is_live ? std::optional(board->id) : std::nullopt;
  leave_seat(*board, room, session);
  unload_if_idle(room);
  return id;
}

void BoardRegistry::leave_all(SessionId session) {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_of_.find(session);
  if (found == rooms_of_.end()) return;
  const std::vector<RoomId> rooms = found->second;
  for (const RoomId room : rooms) {
    leave_seat(*find(room), room, session);
    unload_if_idle(room);
  }
}

void BoardRegistry::evict(RoomId room, UserId user) {
  const std::lock_guard lock(mutex_);
  Board* const board = find(room);
  if (board == nullptr) return;
  std::vector<SessionId> leaving;
  for (const auto& [session, seat] : board->seats) {
    if (seat.user == user) leaving.push_back(session);
  }
  for (const SessionId session : leaving) leave_seat(*board, room, session);
  if (board->is_live) hub_.evict(topic_of(board->id), user);
  unload_if_idle(room);
}

void BoardRegistry::dissolve(RoomId room) {
  const std::lock_guard lock(mutex_);
  Board* const board = find(room);
  if (board == nullptr) return;
  for (const auto& [session, seat] : board->seats) forget_place(room, session, seat.user);
  board->seats.clear();
  if (board->is_live) hub_.dissolve(topic_of(board->id));
  unload_if_idle(room);
}

void BoardRegistry::set_muted(RoomId room, UserId user, std::optional<Timestamp> until) {
  const std::lock_guard lock(mutex_);
  Board* const board = find(room);
  if (board == nullptr) return;
  for (auto& [session, seat] : board->seats) {
    if (seat.user != user) continue;
    seat.muted_until = until;
    seat.was_told = true;
  }
}

// ---- Changes ----

Made BoardRegistry::draw(Draw how, RoomId room, SessionId session, Drawing drawing) {
  const std::lock_guard lock(mutex_);
  Board& board = to_draw_on(room, session);
  const auto found = board.objects.find(drawing.id);
  const bool is_new = found == board.objects.end();
  if (is_new && how == Draw::update) {
    throw Error(Code::not_found, "There is no such object on the whiteboard");
  }
  if (is_new && board.objects.size() >= limits_.objects) {
    throw Error(kBoardFull, "The whiteboard has " + std::to_string(limits_.objects) +
                                " objects, as many as it may have");
  }
  const std::size_t before = is_new ? 0 : bytes_of(drawing.id, *found->second.json);
  const std::size_t after = bytes_of(drawing.id, *drawing.json);
  if (after > before && board.bytes - before + after > limits_.board_bytes) {
    throw Error(kBoardFull, "The whiteboard would have more than " +
                                std::to_string(limits_.board_bytes) + " bytes");
  }
  const std::int64_t version = ++board.version;
  const std::int64_t place = is_new ? version : found->second.place;
  if (is_new) {
    put(board, drawing.id, {version, place, drawing.json});
  } else {
    found->second.version = version;
    found->second.json = drawing.json;
    board.bytes += after - before;
  }
  const UserId author = board.seats.at(session).user;
  Made change = made(board, room, author, drawing.id, place);
  const ObjectDrawn drawn{room, author, version, place, std::move(drawing)};
  tell(board, is_new ? kObjectAdded : kObjectUpdated, drawn, session);
  return change;
}

Made BoardRegistry::remove(RoomId room, SessionId session, std::string object_id) {
  const std::lock_guard lock(mutex_);
  Board& board = to_draw_on(room, session);
  const auto found = board.objects.find(object_id);
  if (found == board.objects.end()) {
    throw Error(Code::not_found, "There is no such object on the whiteboard");
  }
  take(board, found);
  const std::int64_t version = ++board.version;
  const UserId author = board.seats.at(session).user;
  tell(board, kObjectRemoved, ObjectRemoved{room, author, version, object_id}, session);
  return made(board, room, author, std::move(object_id), 0);
}

Made BoardRegistry::clear(RoomId room, SessionId session) {
  const std::lock_guard lock(mutex_);
  Board& board = to_draw_on(room, session);
  board.places.clear();
  board.objects.clear();
  board.bytes = 0;
  board.cleared = ++board.version;
  const UserId author = board.seats.at(session).user;
  tell(board, kBoardCleared, BoardCleared{room, author, board.version}, session);
  return made(board, room, author, {}, 0);
}

void BoardRegistry::settle(const Change& change) {
  const std::lock_guard lock(mutex_);
  --pending_;
  --people_.at(change.author).pending;
  forget_if_idle(change.author);
  Board* const board = find(change.room);
  if (board == nullptr || !board->is_live || board->id != change.board) return;
  --board->pending;
  unload_if_idle(change.room);
}

void BoardRegistry::discard(const Change& change) {
  const std::lock_guard lock(mutex_);
  Board* const board = find(change.room);
  if (board == nullptr || !board->is_live || board->id != change.board) return;
  const Topic topic = topic_of(board->id);
  hub_.publish(topic, kBoardReset, BoardReset{change.room});
  hub_.dissolve(topic);
  for (const auto& [session, seat] : board->seats) forget_place(change.room, session, seat.user);
  boards_.erase(change.room);
}

std::vector<store::BoardState> BoardRegistry::collect(std::span<const Change> changes) const {
  const std::lock_guard lock(mutex_);
  std::vector<store::BoardState> states;
  std::unordered_map<RoomId, std::size_t> place_of;
  std::vector<std::unordered_set<std::string_view>> seen;
  for (const Change& change : changes) {
    const Board* const board = find(change.room);
    if (board == nullptr || !board->is_live || board->id != change.board) continue;
    const auto [place, is_new] = place_of.try_emplace(change.room, states.size());
    if (is_new) {
      states.push_back({change.room, board->id, board->version, 0, {}});
      seen.emplace_back();
    }
    store::BoardState& state = states[place->second];
    if (change.object_id.empty()) {
      state.cleared = board->cleared;
    } else if (seen[place->second].insert(change.object_id).second) {
      const auto object = board->objects.find(change.object_id);
      if (object == board->objects.end()) {
        state.objects.push_back({change.object_id, 0, 0, nullptr});
      } else {
        const Object& now = object->second;
        state.objects.push_back({change.object_id, now.version, now.place, now.json});
      }
    }
  }
  return states;
}

// ---- The rest ----

void BoardRegistry::point(const MoveCursor& cursor, SessionId session, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Board& board = board_of(cursor.room_id, session);
  Seat& seat = board.seats.at(session);
  if (seat.last_cursor && now - *seat.last_cursor < limits_.cursor_interval) return;
  seat.last_cursor = now;
  const CursorMoved moved{cursor.room_id, seat.user, seat.name, cursor.x, cursor.y};
  hub_.publish(topic_of(board.id), kCursorMoved, moved, session);
}

std::size_t BoardRegistry::boards() const {
  const std::lock_guard lock(mutex_);
  return boards_.size();
}

std::size_t BoardRegistry::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

BoardRegistry::Board* BoardRegistry::find(RoomId room) {
  const auto found = boards_.find(room);
  return found == boards_.end() ? nullptr : &found->second;
}

const BoardRegistry::Board* BoardRegistry::find(RoomId room) const {
  const auto found = boards_.find(room);
  return found == boards_.end() ? nullptr : &found->second;
}

BoardRegistry::Board& BoardRegistry::board_of(RoomId room, SessionId session) {
  Board* const board = find(room);
  if (board == nullptr || !board->is_live) throw Error(kNotOnBoard);
  const auto seat = board->seats.find(session);
  if (seat == board->seats.end() || !seat->second.is_here) throw Error(kNotOnBoard);
  return *board;
}

BoardRegistry::Board& BoardRegistry::to_draw_on(RoomId room, SessionId session) {
  Board& board = board_of(room, session);
  const Seat& seat = board.seats.at(session);
  rooms::require_voice(seat.muted_until);
  if (pending_ >= limits_.pending) throw Error(Code::overloaded);
  if (people_.at(seat.user).pending >= limits_.pending_of_person) {
    throw Error(Code::rate_limited).retry_after(std::chrono::seconds(1));
  }
  return board;
}

void BoardRegistry::put(Board& board, std::string id, Object object) {
  board.bytes += bytes_of(id, *object.json);
  const std::int64_t place = object.place;
  const auto placed = board.objects.emplace(std::move(id), std::move(object)).first;
  board.places.emplace(place, &placed->first);
}

void BoardRegistry::take(Board& board, std::unordered_map<std::string, Object>::iterator object) {
  board.bytes -= bytes_of(object->first, *object->second.json);
  board.places.erase(object->second.place);
  board.objects.erase(object);
}

Made BoardRegistry::made(Board& board, RoomId room, UserId author, std::string object_id,
                         std::int64_t place) {
  ++board.pending;
  ++pending_;
  ++people_.at(author).pending;
  return {{room, board.id, std::move(object_id), author}, board.version, place};
}

template <class Payload>
void BoardRegistry::tell(const Board& board, const realtime::Outgoing<Payload>& event,
                         const Payload& payload, SessionId author) {
  std::vector<realtime::Publication> one;
  one.push_back({topic_of(board.id), event.name, write(payload), payload.version, author});
  hub_.publish(std::move(one));
}

void BoardRegistry::leave_seat(Board& board, RoomId room, SessionId session) {
  const auto seat = board.seats.find(session);
  if (seat == board.seats.end()) return;
  forget_place(room, session, seat->second.user);
  board.seats.erase(seat);
}

void BoardRegistry::forget_place(RoomId room, SessionId session, UserId user) {
  const auto rooms = rooms_of_.find(session);
  std::erase(rooms->second, room);
  if (rooms->second.empty()) rooms_of_.erase(rooms);
  auto& seats = people_.at(user).seats;
  if (--seats.at(room) == 0) seats.erase(room);
  forget_if_idle(user);
}

void BoardRegistry::forget_if_idle(UserId user) {
  const auto person = people_.find(user);
  if (person->second.seats.empty() && person->second.pending == 0) people_.erase(person);
}

void BoardRegistry::unload_if_idle(RoomId room) {
  const auto found = boards_.find(room);
  if (found->second.seats.empty() && found->second.pending == 0) boards_.erase(found);
}

}  // namespace stoa::whiteboard
