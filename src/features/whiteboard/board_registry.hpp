#pragma once
// The boards in memory and who is on them: where changes get their versions and their order. Changes are told while
// the lock is held, so that everybody hears those of a board in the order of their versions.
//
// A board is here from the first seat that is taken to the last that is left, and longer while changes wait for their
// commit. It begins empty; what BoardReader has read is put in, which makes it live, under an id of its own.
//
// A seat is taken before the membership is read: a member who is removed or muted after that reading is
// found here by the room's watcher.
//
// Thread-safe; one mutex, held for look-ups, one broadcast, or the copying of a board's list (its objects' texts are
// shared).
#include "features/whiteboard/whiteboard_store.hpp"
#include "features/whiteboard/whiteboard_types.hpp"

#include <stoa/core/config.hpp>
#include <stoa/realtime/hub.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace stoa::whiteboard {

// A change that is made in memory and waits for its commit. Without an object id: all were cleared.
struct Change {
  RoomId room;
  BoardId board;
  std::string object_id;
  UserId author;
};

// The change, and what its author is answered.
struct Made {
  Change change;
  std::int64_t version = 0;
  std::int64_t place = 0;
};

class BoardRegistry {
 public:
  using Clock = std::chrono::steady_clock;
  using SessionId = realtime::SessionId;

  struct Limits {
    std::size_t boards;
    std::size_t boards_of_person;
    std::size_t objects;      // of a board
    std::size_t board_bytes;  // of a board in an answer
    std::size_t pending;      // changes that wait for their commit, of all boards
    std::size_t pending_of_person;
    Duration cursor_interval;
  };
  BoardRegistry(realtime::Hub& hub, Limits limits) : hub_(hub), limits_(limits) {}

  // ---- Coming and going ----

  // Error{overloaded} when as many boards are here as may be, Error{too_many_boards} when the person is on as many.
  void take_seat(RoomId room, SessionId session, UserId user);
  // What the membership says; false when the seat is gone.
  bool admit(RoomId room, SessionId session, std::string name,
             std::optional<Timestamp> muted_until);
  bool is_live(RoomId room) const;
  void install(store::StoredBoard stored);
  // Empty when the board is not live.
  std::optional<BoardId> find_board(RoomId room) const;
  // The whole board; from here on the session may draw. Empty when it is another by now, or the seat is gone.
  // The session must listen to the board's topic before.
  std::optional<BoardEntry> enter(RoomId room, BoardId board, SessionId session);
  // Answers the board that the session listened to.
  std::optional<BoardId> leave(RoomId room, SessionId session);
  void leave_all(SessionId session);
  void evict(RoomId room, UserId user);
  void dissolve(RoomId room);
  void set_muted(RoomId room, UserId user, std::optional<Timestamp> until);

  // ---- Changes; each must be followed by settle() ----

  enum class Draw {
    add,     // or replace
    update,  // Error{not_found} when it is not there: what was removed does not come back by itself
  };
  // Throw Error{not_on_board | muted | overloaded | rate_limited}; draw() also Error{board_full}, and both of the first
  // Error{not_found}.
  Made draw(Draw how, RoomId room, SessionId session, Drawing drawing);
  Made remove(RoomId room, SessionId session, std::string object_id);
  Made clear(RoomId room, SessionId session);
  // The change is committed, or given up.
  void settle(const Change& change);
  // Takes the board out of memory and tells those on it to join again.
  void discard(const Change& change);
  // What is to be written for these changes: the present state of what they touched, each object once.
  // Changes of boards that are here no more are left out.
  std::vector<store::BoardState> collect(std::span<const Change> changes) const;

  // ---- The rest ----

  // Error{not_on_board}. Told at most once an interval.
  void point(const MoveCursor& cursor, SessionId session, Clock::time_point now = Clock::now());

  std::size_t boards() const;
  std::size_t pending() const;

 private:
  struct Object {
    std::int64_t version = 0;
    std::int64_t place = 0;
    std::shared_ptr<const std::string> json;
  };
  struct Seat {
    UserId user;
    std::string name;
    std::optional<Timestamp> muted_until;
    bool was_told = false;  // of a mute, since the seat was taken
    bool is_here = false;   // has the whole board
    std::optional<Clock::time_point> last_cursor;
  };
  struct Board {
    BoardId id;  // while live
    bool is_live = false;
    std::int64_t version = 0;
    std::int64_t cleared = 0;  // the version of the last clear
    std::size_t bytes = 0;
    std::size_t pending = 0;
    std::unordered_map<std::string, Object> objects;
    std::map<std::int64_t, const std::string*> places;  // the ids, the lowest object first
    std::unordered_map<SessionId, Seat> seats;
  };
  struct Person {
    std::unordered_map<RoomId, std::size_t> seats;  // on each board
    std::size_t pending = 0;
  };
  using Boards = std::unordered_map<RoomId, Board>;

  Board* find(RoomId room);
  const Board* find(RoomId room) const;
  // The board on which the session sits.
  Board& board_of(RoomId room, SessionId session);
  // The same for who may draw.
  Board& to_draw_on(RoomId room, SessionId session);
  void put(Board& board, std::string id, Object object);
  void take(Board& board, std::unordered_map<std::string, Object>::iterator object);
  Made made(Board& board, RoomId room, UserId author, std::string object_id, std::int64_t place);
  template <class Payload>
  void tell(const Board& board, const realtime::Outgoing<Payload>& event, const Payload& payload,
            SessionId author);
  void leave_seat(Board& board, RoomId room, SessionId session);
  void forget_place(RoomId room, SessionId session, UserId user);
  void forget_if_idle(UserId user);
  void unload_if_idle(RoomId room);

  realtime::Hub& hub_;
  const Limits limits_;
  mutable std::mutex mutex_;
  Boards boards_;
  std::unordered_map<SessionId, std::vector<RoomId>> rooms_of_;
  std::unordered_map<UserId, Person> people_;  // who sits somewhere, or waits for a commit
  std::size_t pending_ = 0;
};

}  // namespace stoa::whiteboard
