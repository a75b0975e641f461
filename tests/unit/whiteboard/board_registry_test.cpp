// The rules of boards: versions and places, limits, who may draw, and what is to be written.
#include "features/whiteboard/board_registry.hpp"

#include "features/whiteboard/whiteboard_codes.hpp"

#include <stoa/core/json.hpp>
#include <stoa/rooms/rooms_codes.hpp>

#include <gtest/gtest.h>

namespace stoa::whiteboard {
namespace {

using namespace std::chrono_literals;
using realtime::SessionId;
using Draw = BoardRegistry::Draw;

class Ear final : public realtime::Hub {
 public:
  void publish(std::vector<realtime::Publication> publications) override {
    for (auto& one : publications) heard.push_back(std::move(one));
  }
  void send(SessionId, std::string_view, std::string) override {}
  void close(SessionId, realtime::CloseReason) override {}
  void evict(const realtime::Topic&, UserId user) override { evicted.push_back(user); }
  void dissolve(const realtime::Topic& topic) override { dissolved.push_back(topic); }
  void close_user(UserId, realtime::CloseReason) override {}
  void close_sign_in(AuthSessionId, realtime::CloseReason) override {}

  std::vector<realtime::Publication> heard;
  std::vector<UserId> evicted;
  std::vector<realtime::Topic> dissolved;
};

Drawing drawing(const std::string& id, const std::string& fill = "red") {
  const Json json = {{"id", id}, {"type", "Rect"}, {"fill", fill}};
  return read<Drawing>(json);
}

template <class F>
Code code_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.code();
  }
  return Code::internal;  // none
}
constexpr Code kNone = Code::internal;

class Boards : public testing::Test {
 protected:
  void seat(std::uint64_t session, UserId user) {
    registry_.take_seat(room_, {0, session}, user);
    ASSERT_TRUE(registry_.admit(room_, {0, session}, "Ada", std::nullopt));
  }
  void install(std::int64_t version = 0, std::vector<store::ObjectRow> objects = {}) {
    registry_.install({room_, BoardId::make(), version, std::move(objects)});
  }
  BoardEntry enter(std::uint64_t session) {
    return registry_.enter(room_, *registry_.find_board(room_), {0, session}).value();
  }
  Made draw(std::uint64_t session, Drawing what, Draw how = Draw::add) {
    return registry_.draw(how, room_, {0, session}, std::move(what));
  }
  std::vector<std::string> ids() {
    std::vector<std::string> out;
    for (const auto& object : enter(1).objects) out.push_back(object.id);
    return out;
  }

  Ear hub_;
  BoardRegistry::Limits limits_{.boards = 2,
                                .boards_of_person = 2,
                                .objects = 3,
                                .board_bytes = 600,
                                .pending = 6,
                                .pending_of_person = 6,
                                .cursor_interval = 50ms};
  BoardRegistry registry_{hub_, limits_};
  const RoomId room_ = RoomId::make();
  const UserId ada_ = UserId::make(), ben_ = UserId::make();
};

TEST_F(Boards, EachChangeHasTheNextVersionAndIsToldWithIt) {
  seat(1, ada_);
  install(41);
  enter(1);
  EXPECT_EQ(draw(1, drawing("a")).version, 42);
  EXPECT_EQ(draw(1, drawing("b")).version, 43);
  const Made again = draw(1, drawing("a", "blue"));  // an add of what is there replaces it
  EXPECT_EQ(again.version, 44);
  EXPECT_EQ(again.place, 42);
  EXPECT_EQ(registry_.remove(room_, {0, 1}, "b").version, 45);
  EXPECT_EQ(registry_.clear(room_, {0, 1}).version, 46);
  std::vector<std::string> names;
  std::vector<std::int64_t> versions;
  for (const auto& one : hub_.heard) {
    names.emplace_back(one.event);
    versions.push_back(*one.seq);
    EXPECT_EQ(one.except, (SessionId{0, 1}));
    const Json payload = Json::parse(one.payload);
    EXPECT_EQ(payload["version"], versions.back());
    EXPECT_EQ(payload["userId"], ada_.str());
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"whiteboard_add", "whiteboard_add", "whiteboard_update",
                                      "whiteboard_remove", "whiteboard_clear"}));
  EXPECT_EQ(versions, (std::vector<std::int64_t>{42, 43, 44, 45, 46}));
}

TEST_F(Boards, APersonIsOnNoMoreBoardsThanAPersonMayBe) {
  limits_.boards = 10;
  BoardRegistry registry(hub_, limits_);
  const RoomId rooms[] = {RoomId::make(), RoomId::make(), RoomId::make()};
  const auto sit = [&](RoomId room, std::uint64_t session, UserId user) {
    return code_of([&] { registry.take_seat(room, {0, session}, user); });
  };
  EXPECT_EQ(sit(rooms[0], 1, ada_), kNone);
  EXPECT_EQ(sit(rooms[1], 2, ada_), kNone);
  EXPECT_EQ(sit(rooms[2], 3, ada_), kTooManyBoards);
  EXPECT_EQ(sit(rooms[1], 3, ada_), kNone) << "a board that the person is on";
  EXPECT_EQ(sit(rooms[2], 4, ben_), kNone);
  registry.leave(rooms[1], {0, 2});
  EXPECT_EQ(sit(rooms[2], 2, ada_), kTooManyBoards) << "another device is still there";
  registry.leave_all({0, 3});
  EXPECT_EQ(sit(rooms[2], 2, ada_), kNone);
  registry.dissolve(rooms[0]);
  EXPECT_EQ(sit(rooms[0], 1, ada_), kNone);
}

TEST_F(Boards, ChangesOfOnePersonThatWaitDoNotHoldUpTheOthers) {
  limits_.pending_of_person = 2;
  BoardRegistry registry(hub_, limits_);
  const RoomId room = RoomId::make();
  for (const auto& [session, user] : {std::pair{1, ada_}, std::pair{2, ada_}, std::pair{3, ben_}}) {
    registry.take_seat(room, {0, static_cast<std::uint64_t>(session)}, user);
    registry.admit(room, {0, static_cast<std::uint64_t>(session)}, "Ada", std::nullopt);
  }
  registry.install({room, BoardId::make(), 0, {}});
  for (std::uint64_t session : {1, 2, 3}) {
    registry.enter(room, *registry.find_board(room), {0, session});
  }
  const auto draws = [&](std::uint64_t session) {
    return registry.draw(Draw::add, room, {0, session}, drawing("a")).change;
  };
  const Change first = draws(1);
  draws(2);
  EXPECT_EQ(code_of([&] { draws(1); }), Code::rate_limited);
  EXPECT_EQ(code_of([&] { draws(2); }), Code::rate_limited);
  EXPECT_EQ(code_of([&] { draws(3); }), kNone);
  registry.settle(first);
  EXPECT_EQ(code_of([&] { draws(2); }), kNone);
}

TEST_F(Boards, ObjectsLieInTheOrderOfTheirAdding) {
  seat(1, ada_);
  install(5, {{"old", 5, 2, R"({"id":"old"})"}});
  enter(1);
  draw(1, drawing("b"));
  draw(1, drawing("a"));
  draw(1, drawing("old", "blue"), Draw::update);
  EXPECT_EQ(ids(), (std::vector<std::string>{"old", "b", "a"}));
  registry_.remove(room_, {0, 1}, "b");
  draw(1, drawing("b"));
  EXPECT_EQ(ids(), (std::vector<std::string>{"old", "a", "b"}));
}

TEST_F(Boards, WhatWasRemovedDoesNotComeBackByAnUpdate) {
  seat(1, ada_);
  install();
  enter(1);
  draw(1, drawing("a"));
  registry_.remove(room_, {0, 1}, "a");
  EXPECT_EQ(code_of([&] { draw(1, drawing("a"), Draw::update); }), Code::not_found);
  EXPECT_EQ(code_of([&] { registry_.remove(room_, {0, 1}, "a"); }), Code::not_found);
  EXPECT_EQ(enter(1).version, 2);
}

TEST_F(Boards, ObjectsBytesAndPendingChangesAreBounded) {
  seat(1, ada_);
  install();
  enter(1);
  std::vector<Made> made;
  made.push_back(draw(1, drawing("a")));
  EXPECT_EQ(code_of([&] { draw(1, drawing("b", std::string(400, 'x'))); }), kBoardFull);
  made.push_back(draw(1, drawing("b")));
  made.push_back(draw(1, drawing("c")));
  EXPECT_EQ(code_of([&] { draw(1, drawing("d")); }), kBoardFull);
  made.push_back(draw(1, drawing("a", "bluish")));
  made.push_back(registry_.remove(room_, {0, 1}, "c"));
  made.push_back(draw(1, drawing("d")));
  EXPECT_EQ(code_of([&] { draw(1, drawing("d")); }), Code::overloaded);
  EXPECT_EQ(registry_.pending(), 6u);
  registry_.settle(made[0].change);
  EXPECT_EQ(code_of([&] { draw(1, drawing("d")); }), kNone);
}

TEST_F(Boards, BoardsAreBounded) {
  registry_.take_seat(RoomId::make(), {0, 1}, ada_);
  registry_.take_seat(RoomId::make(), {0, 1}, ada_);
  EXPECT_EQ(code_of([&] { registry_.take_seat(room_, {0, 1}, ada_); }), Code::overloaded);
  registry_.leave_all({0, 1});
  EXPECT_EQ(registry_.boards(), 0u);
}

TEST_F(Boards, OnlyWhoHasReadTheBoardDraws) {
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), kNotOnBoard);
  seat(1, ada_);
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), kNotOnBoard);
  install();
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), kNotOnBoard);
  enter(1);
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), kNone);
  EXPECT_EQ(code_of([&] { draw(2, drawing("a")); }), kNotOnBoard);
  registry_.leave(room_, {0, 1});
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), kNotOnBoard);
}

TEST_F(Boards, TheMutedLookAndPointButDoNotDraw) {
  registry_.take_seat(room_, {0, 1}, ada_);
  registry_.admit(room_, {0, 1}, "Ada", now() + 1min);
  install();
  enter(1);
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), rooms::kMuted);
  EXPECT_EQ(code_of([&] { registry_.clear(room_, {0, 1}); }), rooms::kMuted);
  EXPECT_EQ(code_of([&] { registry_.point({room_, 1, 2}, {0, 1}); }), kNone);
  registry_.set_muted(room_, ada_, std::nullopt);
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), kNone);
}

TEST_F(Boards, AMuteThatCameDuringTheReadingOfTheMembershipHolds) {
  registry_.take_seat(room_, {0, 1}, ada_);
  registry_.set_muted(room_, ada_, now() + 1min);
  registry_.admit(room_, {0, 1}, "Ada", std::nullopt);
  install();
  enter(1);
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), rooms::kMuted);
}

TEST_F(Boards, WhoIsRemovedDuringTheReadingOfTheMembershipStaysOut) {
  registry_.take_seat(room_, {0, 1}, ada_);
  registry_.evict(room_, ada_);
  EXPECT_FALSE(registry_.admit(room_, {0, 1}, "Ada", std::nullopt));
  EXPECT_EQ(registry_.boards(), 0u);
  seat(1, ada_);
  seat(2, ben_);
  install();
  enter(1);
  registry_.evict(room_, ada_);
  EXPECT_EQ(hub_.evicted, std::vector<UserId>{ada_});
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), kNotOnBoard);
  EXPECT_EQ(registry_.boards(), 1u);
}

TEST_F(Boards, ABoardStaysUntilItsChangesAreCommitted) {
  seat(1, ada_);
  install();
  enter(1);
  const Made made = draw(1, drawing("a"));
  registry_.leave(room_, {0, 1});
  EXPECT_EQ(registry_.boards(), 1u);
  seat(2, ben_);
  EXPECT_EQ(enter(2).objects.size(), 1u) << "who comes meanwhile needs no reading";
  registry_.leave_all({0, 2});
  registry_.settle(made.change);
  EXPECT_EQ(registry_.boards(), 0u);
  EXPECT_EQ(registry_.pending(), 0u);
}

TEST_F(Boards, AFailedChangeTakesTheBoardAwayAndLeavesTheNextOneAlone) {
  seat(1, ada_);
  install();
  enter(1);
  const Made failed = draw(1, drawing("a"));
  const Made late = draw(1, drawing("b"));
  registry_.discard(failed.change);
  EXPECT_EQ(hub_.heard.back().event, "whiteboard_reset");
  EXPECT_EQ(hub_.dissolved.size(), 1u);
  EXPECT_EQ(registry_.boards(), 0u);
  EXPECT_TRUE(registry_.collect(std::vector<Change>{late.change}).empty());
  seat(1, ada_);
  install();
  enter(1);
  registry_.discard(late.change);  // of the board that is gone
  registry_.settle(failed.change);
  registry_.settle(late.change);
  EXPECT_EQ(registry_.boards(), 1u);
  EXPECT_EQ(registry_.pending(), 0u);
  EXPECT_EQ(code_of([&] { draw(1, drawing("a")); }), kNone);
}

TEST_F(Boards, WhatIsWrittenIsThePresentState) {
  seat(1, ada_);
  install(10, {{"z", 9, 9, R"({"id":"z"})"}});
  enter(1);
  std::vector<Change> changes;
  changes.push_back(draw(1, drawing("a")).change);
  changes.push_back(draw(1, drawing("a", "blue"), Draw::update).change);
  changes.push_back(registry_.clear(room_, {0, 1}).change);
  changes.push_back(draw(1, drawing("b")).change);
  std::reverse(changes.begin(), changes.end());  // shards race for the queue
  const auto states = registry_.collect(changes);
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].version, 14);
  EXPECT_EQ(states[0].cleared, 13);
  ASSERT_EQ(states[0].objects.size(), 2u);
  EXPECT_EQ(states[0].objects[0].id, "b");
  EXPECT_EQ(states[0].objects[0].version, 14);
  EXPECT_EQ(*states[0].objects[0].body, *drawing("b").json);
  EXPECT_EQ(states[0].objects[1].id, "a");
  EXPECT_EQ(states[0].objects[1].body, nullptr);
}

TEST_F(Boards, CursorsAreThrottledAndHaveNoVersion) {
  seat(1, ada_);
  install();
  enter(1);
  const auto begin = BoardRegistry::Clock::now();
  for (const auto after : {0ms, 20ms, 49ms, 50ms, 99ms, 120ms}) {
    registry_.point({room_, 1.5, -2}, {0, 1}, begin + after);
  }
  ASSERT_EQ(hub_.heard.size(), 3u);
  EXPECT_EQ(hub_.heard[0].event, "whiteboard_cursor");
  EXPECT_FALSE(hub_.heard[0].seq);
  const Json payload = Json::parse(hub_.heard[0].payload);
  EXPECT_EQ(payload["name"], "Ada");
  EXPECT_EQ(payload["x"], 1.5);
  EXPECT_EQ(payload["y"], -2);
  EXPECT_EQ(code_of([&] { registry_.point({room_, 1, 1}, {0, 9}); }), kNotOnBoard);
}

}  // namespace
}  // namespace stoa::whiteboard
