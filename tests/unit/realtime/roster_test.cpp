// Who is where: what is decided once, what observers hear, and in which order.
#include "../support/at_once.hpp"

#include <stoa/realtime/roster.hpp>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::realtime::test {
namespace {

using stoa::test::at_once;

struct Chair {
  std::string color;
  int height = 0;
};
BOOST_DESCRIBE_STRUCT(Chair, (), (color, height))

constexpr PlaceKind kTable{"table", &kCodecOf<Chair>};
constexpr PlaceKind kOtherTable{"table"};
constexpr PlaceKind kNobodys{"nobody's"};

// Writes down what it is told: "+1 (1)" came, "~1 (1)" changed, "-1 (0)" went, and how many are there then. Without a lock.
class Listener final : public RosterObserver {
 public:
  void entered(const Change& change) override { note(change, "+"); }
  void changed(const Change& change) override { note(change, "~"); }
  void left(const Change& change, Out why) override {
    note(change, why == Out::left ? "-" : why == Out::replaced ? "=" : "!");
  }
  void evicted(const Place& place, UserId, std::string_view told) override {
    heard[place].push_back("evicted " + std::string(told));
  }

  std::unordered_map<Place, std::vector<std::string>> heard;

 private:
  void note(const Change& change, const std::string& what) {
    heard[change.place].push_back(what + std::to_string(change.entry.session.number) + " (" +
                                  std::to_string(change.now.entries.size()) + ")");
  }
};

class RosterTest : public testing::Test {
 protected:
  RosterTest() { roster_->serve(kTable, listener_, {.max_places = 3}); }

  void enter(const Place& place, std::uint64_t session, std::optional<UserId> user = {},
             std::optional<SessionId> instead_of = {}) {
    at_once(roster_->enter(place, {0, session}, [=](const PlaceView&) {
      return Arrival{.user = user, .instead_of = instead_of};
    }));
  }
  std::vector<std::uint64_t> at(const Place& place) const {
    std::vector<std::uint64_t> sessions;
    roster_->look(place, [&](const PlaceView& now) {
      for (const Entry& entry : now.entries) sessions.push_back(entry.session.number);
    });
    return sessions;
  }

  using Sessions = std::vector<std::uint64_t>;
  using Heard = std::vector<std::string>;
  Listener listener_;
  std::unique_ptr<Roster> roster_ = make_local_roster();
  const Place round_{&kTable, Uuid::v7()};
  const Place square_{&kTable, std::string("square")};
};

TEST_F(RosterTest, ADecisionThatThrowsChangesNothing) {
  enter(round_, 1);
  const auto refuses = [&](const Place& place, SessionId session, const Roster::Decide& decide) {
    EXPECT_THROW(at_once(roster_->enter(place, session, decide)), Error);
  };
  const Roster::Decide full = [](const PlaceView&) -> Arrival { throw Error(Code::conflict); };
  refuses(round_, {0, 1}, full);
  refuses(round_, {0, 2}, full);
  refuses(square_, {0, 2}, full);
  refuses(square_, {0, 2}, [](const PlaceView&) {
    return Arrival{.data = RosterData::of(Chair{std::string(kMaxRosterText, 'x')})};
  });
  EXPECT_EQ(at(round_), Sessions{1});
  EXPECT_EQ(roster_->totals(kTable).places, 1U);
  EXPECT_EQ(listener_.heard, (decltype(listener_.heard){{round_, {"+1 (1)"}}}));
}

TEST_F(RosterTest, PeopleAreCountedOnceHoweverManySessionsTheyHave) {
  const UserId ann = UserId::make(), bob = UserId::make();
  enter(round_, 1, ann);
  enter(round_, 1, ann);
  enter(round_, 2, ann);
  enter(round_, 3, bob);
  enter(square_, 1, ann);
  enter(square_, 4);
  EXPECT_EQ(roster_->count_users(round_), 2U);
  EXPECT_EQ(roster_->users(round_).size(), 2U);
  EXPECT_TRUE(roster_->is_there(round_, ann));
  EXPECT_FALSE(roster_->is_there(square_, bob));
  auto totals = roster_->totals(kTable);
  EXPECT_EQ(totals.places, 2U);
  EXPECT_EQ(totals.entries, 5U);
  EXPECT_EQ(totals.users, 2U);
  roster_->leave(round_, {0, 2});
  EXPECT_TRUE(roster_->is_there(round_, ann));
  EXPECT_EQ(roster_->places_of(kTable, {0, 1}), (std::vector<Place>{round_, square_}));
  roster_->leave_all(kTable, {0, 1});
  EXPECT_FALSE(roster_->is_there(round_, ann));
  EXPECT_TRUE(roster_->is_there(round_, bob));
  EXPECT_EQ(roster_->totals(kTable).users, 1U);
  roster_->dissolve(round_);
  roster_->leave(square_, {0, 4});
  EXPECT_EQ(roster_->totals(kTable).places, 0U);
}

TEST_F(RosterTest, ALateLeaveOfAnOldSessionTakesNobodyElseOut) {
  enter(round_, 1);
  enter(round_, 2);
  enter(round_, 3, std::nullopt, SessionId{0, 1});
  roster_->leave(round_, {0, 1});
  roster_->leave_all(kTable, {0, 1});
  EXPECT_EQ(at(round_), (Sessions{2, 3}));
  enter(round_, 2, std::nullopt, SessionId{0, 2});
  EXPECT_EQ(at(round_), (Sessions{3, 2})) << "anew, and so the last";
  EXPECT_EQ(listener_.heard[round_],
            (Heard{"+1 (1)", "+2 (2)", "=1 (1)", "+3 (2)", "=2 (1)", "+2 (2)"}));
}

TEST_F(RosterTest, AnEvictionIsToldAlsoWhereNobodyWas) {
  const UserId ann = UserId::make();
  enter(round_, 1, ann);
  enter(round_, 2);
  enter(round_, 3, ann);
  roster_->evict(round_, ann, "kicked");
  roster_->evict(round_, ann, "again");
  EXPECT_EQ(at(round_), Sessions{2});
  EXPECT_EQ(listener_.heard[round_], (Heard{"+1 (1)", "+2 (2)", "+3 (3)", "!1 (1)", "!3 (1)",
                                            "evicted kicked", "evicted again"}))
      << "those who go together are not there for one another";
}

TEST_F(RosterTest, KindsAndTheirPlacesHaveBounds) {
  for (const char* id : {"a", "b", "c"}) enter({&kTable, id}, 1);
  EXPECT_THROW(enter({&kTable, "d"}, 2), Error);
  enter({&kTable, "c"}, 2);
  roster_->leave({&kTable, "a"}, {0, 1});
  enter({&kTable, "d"}, 2);
  EXPECT_THROW(roster_->serve(kOtherTable, listener_), std::logic_error) << "of the same name";
  EXPECT_THROW(enter({&kNobodys, "a"}, 1), std::logic_error);
}

TEST_F(RosterTest, WhatIsKeptIsOfItsKindAndTravelsAsText) {
  const RosterData data = RosterData::of(Chair{"red", 45});
  const RosterData elsewhere = RosterData::parse(kTable.data, data.text());
  EXPECT_EQ(elsewhere.as<Chair>().color, "red");
  EXPECT_EQ(elsewhere.as<Chair>().height, 45);
  EXPECT_THROW(RosterData::parse(kTable.data, R"({"color":"red"})"), Error);
  EXPECT_FALSE(RosterData::parse(kTable.data, ""));
  EXPECT_THROW(elsewhere.as<PageQuery>(), std::logic_error);
  EXPECT_THROW(at_once(roster_->enter(
                   round_, {0, 1},
                   [](const PlaceView&) { return Arrival{.data = RosterData::of(PageQuery())}; })),
               std::logic_error);
}

// What the listener has written down without a lock is one history of each place, that adds up.
TEST_F(RosterTest, EachPlaceHasOneOrderAcrossThreads) {
  constexpr std::uint64_t kThreads = 4, kRounds = 300;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 1; t <= kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (std::uint64_t i = 0; i < kRounds; ++i) {
        const Place& place = i % 2 == 0 ? round_ : square_;
        enter(place, t);
        at(place);
        i % 3 == 0 ? roster_->leave_all(kTable, {0, t}) : roster_->leave(place, {0, t});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const Place& place : {round_, square_}) {
    std::size_t there = 0;
    for (const std::string& said : listener_.heard[place]) {
      there = said.front() == '+' ? there + 1 : there - 1;
      ASSERT_TRUE(said.ends_with("(" + std::to_string(there) + ")")) << said;
    }
    EXPECT_EQ(there, 0U);
    EXPECT_EQ(listener_.heard[place].size(), kThreads * kRounds);
  }
  EXPECT_EQ(roster_->totals(kTable).entries, 0U);
}

}  // namespace
}  // namespace stoa::realtime::test
