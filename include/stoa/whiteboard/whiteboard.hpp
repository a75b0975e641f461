#pragma once
// The whiteboard of each room: what people draw together with Fabric.js, kept in PostgreSQL.
//
// A board is in memory while somebody is on it. A change gets the board's next version there, is told to the
// others at once, and is written behind, many together; it is acknowledged once it is committed. So what was
// acknowledged is never lost, and the last writer of an object wins: everybody applies the changes of
// each object in the order of their versions.
//
// When a change cannot be committed, memory and database would differ. The board then leaves memory, and those
// on it are told to join again (whiteboard_reset): what they read is what is kept.
//
// Owned by the composition root; callable on any shard.
#include <stoa/core/task.hpp>
#include <stoa/postgres/database.hpp>
#include <stoa/realtime/event.hpp>
#include <stoa/realtime/hub.hpp>
#include <stoa/realtime/outgoing.hpp>
#include <stoa/rooms/membership.hpp>
#include <stoa/whiteboard/whiteboard_config.hpp>

#include <cstddef>
#include <memory>
#include <optional>

namespace stoa::whiteboard {

struct JoinBoard;
struct LeaveBoard;
struct DrawObject;
struct RemoveObject;
struct ClearBoard;
struct MoveCursor;
struct BoardEntry;
struct DrawnAt;
struct ChangedAt;
struct Change;
class BoardRegistry;
class BoardReader;
class BoardWriter;

class Whiteboard final : public rooms::Watcher, public realtime::SessionObserver {
 public:
  // Watches `rooms` from here on. Reading and writing boards have a connection each, besides those of `db`.
  Whiteboard(pg::Database& db, realtime::Hub& hub, rooms::Membership& rooms,
             const WhiteboardConfig& config, const config::Realtime& realtime);
  ~Whiteboard() override;

  // Being on a board is a matter of the session, and ends with it.
  Task<BoardEntry> join(realtime::SessionPtr session, JoinBoard request);
  void leave(const realtime::SessionPtr& session, LeaveBoard request);

  // Throw Error{not_on_board | muted | board_full | not_found | overloaded | db_unavailable | conflict}.
  Task<DrawnAt> add(realtime::SessionPtr session, DrawObject request);
  Task<DrawnAt> update(realtime::SessionPtr session, DrawObject request);
  Task<ChangedAt> remove(realtime::SessionPtr session, RemoveObject request);
  Task<ChangedAt> clear(realtime::SessionPtr session, ClearBoard request);
  void move_cursor(const realtime::SessionPtr& session, MoveCursor request);

  // For the metrics; any thread.
  std::size_t boards() const;
  std::size_t pending_changes() const;

  // rooms::Watcher
  void member_removed(RoomId room, UserId user) override;
  void member_muted(RoomId room, UserId user, std::optional<Timestamp> until) override;
  void room_closed(RoomId room) override;
  // realtime::SessionObserver
  void session_ended(realtime::Session& session) override;

 private:
  Task<> prepare(realtime::SessionPtr session, RoomId room);
  std::optional<BoardEntry> come_in(const realtime::SessionPtr& session, RoomId room);
  void go_out(realtime::Session& session, RoomId room);
  Task<> commit(Change change);

  rooms::Membership& rooms_;
  const WhiteboardConfig& config_;
  // The lanes of the others go first.
  std::unique_ptr<BoardRegistry> registry_;
  std::unique_ptr<BoardReader> reader_;
  std::unique_ptr<BoardWriter> writer_;
};

realtime::Events whiteboard_events(Whiteboard& whiteboard);
realtime::OutgoingTable whiteboard_sends();

}  // namespace stoa::whiteboard
