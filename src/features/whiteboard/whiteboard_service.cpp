#include "features/whiteboard/board_reader.hpp"
#include "features/whiteboard/board_registry.hpp"
#include "features/whiteboard/board_writer.hpp"
#include "features/whiteboard/whiteboard_codes.hpp"
#include "features/whiteboard/whiteboard_types.hpp"

#include <stoa/core/json.hpp>
#include <stoa/whiteboard/whiteboard.hpp>
#include <stoa/whiteboard/whiteboard_config.hpp>

#include <exception>
#include <utility>

namespace stoa::whiteboard {
namespace {

using realtime::Topic;

// How often a join may find that the board was discarded meanwhile.
constexpr int kAttempts = 3;

BoardRegistry::Limits limits_of(const WhiteboardConfig& config, const config::Realtime& realtime) {
  const std::size_t wanted = config.max_board_bytes;
  return {config.max_boards,     config.max_boards_per_user,
          config.max_objects,    wanted > 0 ? wanted : realtime.max_queue_bytes.bytes / 2,
          config.queue,          config.queue_per_user,
          config.cursor_interval};
}

void check_size(const Drawing& drawing, std::size_t most) {
  if (drawing.json->size() <= most) return;
  Issues issues;
  issues.enter("object");
  issues.add("too_big", "At most " + std::to_string(most) + " bytes", {{"maximum", most}});
  issues.raise();
}

}  // namespace

Whiteboard::Whiteboard(pg::Database& db, realtime::Hub& hub, rooms::Membership& rooms,
                       const WhiteboardConfig& config, const config::Realtime& realtime)
    : rooms_(rooms),
      config_(config),
      registry_(std::make_unique<BoardRegistry>(hub, limits_of(config, realtime))),
      reader_(std::make_unique<BoardReader>(db.options(), *registry_, config)),
      writer_(std::make_unique<BoardWriter>(db.options(), *registry_, config)) {
  rooms.watch(*this);
}

Whiteboard::~Whiteboard() = default;

// ---- Coming and going ----

Task<BoardEntry> Whiteboard::join(realtime::SessionPtr session, JoinBoard request) {
  const RoomId room = request.room_id;
  std::optional<BoardEntry> entry;
  std::exception_ptr refused;
  for (int attempt = 0; attempt < kAttempts && !entry && !refused; ++attempt) {
    try {
      co_await prepare(session, room);
      entry = come_in(session, room);
    } catch (...) {
      refused = std::current_exception();
    }
  }
  if (!entry) {
    go_out(*session, room);
    if (refused) std::rethrow_exception(refused);
    throw Error(Code::overloaded);
  }
  co_return std::move(*entry);
}

// Has a seat for the session, and the board in memory.
Task<> Whiteboard::prepare(realtime::SessionPtr session, RoomId room) {
  const UserId user = session->caller()->user;
  registry_->take_seat(room, session->id(), user);
  rooms::MemberInfo member = co_await rooms_.get_member(user, room);
  if (!session->open()) throw Error(kNotOnBoard);
  registry_->admit(room, session->id(), std::move(member.full_name), member.muted_until);
  if (!registry_->is_live(room)) co_await reader_->read(room);
  if (!session->open()) throw Error(kNotOnBoard);
}

// Empty when the board, or the seat, was taken away meanwhile.
std::optional<BoardEntry> Whiteboard::come_in(const realtime::SessionPtr& session, RoomId room) {
  const auto board = registry_->find_board(room);
  if (!board) return std::nullopt;
  const Topic topic = topic_of(*board);
  session->subscribe_held(topic);
  auto entry = registry_->enter(room, *board, session->id());
  if (!entry) {
    session->unsubscribe(topic);
    return std::nullopt;
  }
  session->after_answer([kept = std::weak_ptr(session), topic, version = entry->version] {
    if (const auto still = kept.lock()) still->release(topic, version);
  });
  return entry;
}

void Whiteboard::go_out(realtime::Session& session, RoomId room) {
  const auto board = registry_->leave(room, session.id());
  if (board) session.unsubscribe(topic_of(*board));
}

void Whiteboard::leave(const realtime::SessionPtr& session, LeaveBoard request) {
  go_out(*session, request.room_id);
}

// ---- Drawing ----

Task<DrawnAt> Whiteboard::add(realtime::SessionPtr session, DrawObject request) {
  check_size(request.object, config_.max_object_bytes);
  Made made = registry_->draw(BoardRegistry::Draw::add, request.room_id, session->id(),
                              std::move(request.object));
  const DrawnAt answer{request.room_id, made.version, made.place};
  co_await commit(std::move(made.change));
  co_return answer;
}

Task<DrawnAt> Whiteboard::update(realtime::SessionPtr session, DrawObject request) {
  check_size(request.object, config_.max_object_bytes);
  Made made = registry_->draw(BoardRegistry::Draw::update, request.room_id, session->id(),
                              std::move(request.object));
  const DrawnAt answer{request.room_id, made.version, made.place};
  co_await commit(std::move(made.change));
  co_return answer;
}

Task<ChangedAt> Whiteboard::remove(realtime::SessionPtr session, RemoveObject request) {
  Made made = registry_->remove(request.room_id, session->id(), std::move(request.object_id.value));
  const ChangedAt answer{request.room_id, made.version};
  co_await commit(std::move(made.change));
  co_return answer;
}

Task<ChangedAt> Whiteboard::clear(realtime::SessionPtr session, ClearBoard request) {
  Made made = registry_->clear(request.room_id, session->id());
  const ChangedAt answer{request.room_id, made.version};
  co_await commit(std::move(made.change));
  co_return answer;
}

// Where a change cannot be committed, for whatever reason, each client on the board reads it anew.
Task<> Whiteboard::commit(Change change) {
  std::exception_ptr failed;
  try {
    co_await writer_->commit(change);
  } catch (...) {
    failed = std::current_exception();
  }
  if (failed) registry_->discard(change);
  registry_->settle(change);
  if (failed) std::rethrow_exception(failed);
}

void Whiteboard::move_cursor(const realtime::SessionPtr& session, MoveCursor request) {
  registry_->point(request, session->id());
}

// ---- The rest ----

std::size_t Whiteboard::boards() const {
  return registry_->boards();
}
std::size_t Whiteboard::pending_changes() const {
  return registry_->pending();
}

void Whiteboard::member_removed(RoomId room, UserId user) {
  registry_->evict(room, user);
}
void Whiteboard::member_muted(RoomId room, UserId user, std::optional<Timestamp> until) {
  registry_->set_muted(room, user, until);
}
void Whiteboard::room_closed(RoomId room) {
  registry_->dissolve(room);
}
void Whiteboard::session_ended(realtime::Session& session) {
  registry_->leave_all(session.id());
}

}  // namespace stoa::whiteboard
