// That the roster's interface is enough for other machines: two nodes, which hear of everything later.
#include "../support/roster_nodes.hpp"

#include <future>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

namespace stoa::realtime::test {
namespace {

struct Badge {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Badge, (), (name))

constexpr PlaceKind kHall{"hall", &kCodecOf<Badge>};

// As a feature does: tells those of its node.
class Teller final : public RosterObserver {
 public:
  void entered(const Change& change) override { tell(change, "+"); }
  void left(const Change& change, Out why) override { tell(change, why == Out::lost ? "?" : "-"); }
  void evicted(const Place&, UserId, std::string_view note) override {
    all.push_back("evicted " + std::string(note));
  }

  std::vector<std::string> all;
  std::map<std::uint64_t, std::vector<std::string>> told;  // by session

 private:
  void tell(const Change& change, const std::string& what) {
    const std::string said = what + change.entry.data.as<Badge>().name;
    all.push_back(said);
    for (const Entry& other : change.now.entries) {
      if (other.here && other.session != change.entry.session) {
        told[other.session.number].push_back(said);
      }
    }
  }
};

class RosterNodes : public testing::Test {
 protected:
  RosterNodes() {
    for (std::uint32_t i = 0; i < 2; ++i) cluster_.node(i).serve(kHall, tellers_[i], {});
  }

  std::future<void> enter(std::uint32_t node, std::uint64_t session, const std::string& name,
                          std::size_t most = 100, std::optional<UserId> user = {}) {
    Roster::Decide decide = [this, name, most, user](const PlaceView& present) {
      ++decided_;
      if (present.entries.size() >= most) throw Error(Code::overloaded);
      return Arrival{.user = user, .data = RosterData::of(Badge{name})};
    };
    auto task = cluster_.node(node).enter(hall_, {node, session}, std::move(decide));
    auto entering = asio::co_spawn(context_, std::move(task), asio::use_future);
    context_.restart();
    context_.poll();
    return entering;
  }
  std::vector<std::string> at(std::uint32_t node) {
    std::vector<std::string> names;
    cluster_.node(node).look(hall_, [&](const PlaceView& now) {
      for (const Entry& entry : now.entries) names.push_back(entry.data.as<Badge>().name);
    });
    return names;
  }
  static Code code_of(std::future<void>& entering) {
    try {
      entering.get();
    } catch (const Error& error) {
      return error.code();
    }
    return Code::internal;  // none
  }

  using Names = std::vector<std::string>;
  asio::io_context context_;
  RosterCluster cluster_{context_, 2};
  Teller tellers_[2];
  const Place hall_{&kHall, "great"};
  int decided_ = 0;
};

TEST_F(RosterNodes, WhoWasSlowerDecidesAgain) {
  auto ann = enter(0, 1, "ann", 1);
  auto bob = enter(1, 2, "bob", 1);
  EXPECT_EQ(decided_, 2) << "each by an empty hall";
  cluster_.settle();
  EXPECT_EQ(code_of(ann), Code::internal);
  EXPECT_EQ(code_of(bob), Code::overloaded);
  EXPECT_EQ(decided_, 3);
  EXPECT_EQ(at(0), Names{"ann"});
  EXPECT_EQ(at(1), Names{"ann"});
}

TEST_F(RosterNodes, EachHearsOfTheOthersOnceAndAllNodesInOneOrder) {
  std::vector<std::future<void>> entering;
  for (std::uint64_t i = 0; i < 6; ++i) {
    entering.push_back(enter(i % 2 == 0 ? 0 : 1, i, std::to_string(i)));
  }
  cluster_.settle();
  cluster_.node(1).leave(hall_, {1, 1});
  cluster_.node(0).leave_all(kHall, {0, 4});
  cluster_.settle();
  for (auto& one : entering) EXPECT_EQ(code_of(one), Code::internal);
  EXPECT_EQ(tellers_[0].all, tellers_[1].all);
  EXPECT_EQ(tellers_[0].all.size(), 8U);
  EXPECT_EQ(at(0), at(1));
  // Whoever came earlier hears of all that follows, on its own node alone.
  for (std::uint64_t session = 0; session < 6; ++session) {
    EXPECT_FALSE(tellers_[session % 2 == 0 ? 1 : 0].told.contains(session));
  }
  EXPECT_EQ(tellers_[0].told[0].size(), 7U);
}

TEST_F(RosterNodes, WhoLeavesBeforeComingIsNoGhost) {
  auto ann = enter(0, 1, "ann");
  cluster_.node(0).leave(hall_, {0, 1});
  cluster_.settle();
  EXPECT_EQ(code_of(ann), Code::conflict);
  EXPECT_TRUE(at(0).empty());
  EXPECT_TRUE(at(1).empty());
  auto back = enter(0, 1, "ann");
  cluster_.settle();
  EXPECT_EQ(code_of(back), Code::internal);
  EXPECT_EQ(at(1), Names{"ann"});
}

TEST_F(RosterNodes, ASessionThatEndedWhileItCameIsNoGhost) {
  auto bob = enter(1, 2, "bob");
  auto ann = enter(0, 1, "ann");  // has to decide again
  cluster_.node(0).leave_all(kHall, {0, 1});
  cluster_.settle();
  EXPECT_EQ(code_of(ann), Code::conflict);
  EXPECT_EQ(at(0), Names{"bob"});
  EXPECT_EQ(at(1), Names{"bob"});
}

TEST_F(RosterNodes, WhoIsEvictedWhileComingIsOut) {
  const UserId ann = UserId::make();
  auto sooner = enter(0, 1, "ann", 100, ann);
  cluster_.order_all();
  cluster_.node(1).evict(hall_, ann, "kicked");  // comes later
  cluster_.settle();
  EXPECT_EQ(code_of(sooner), Code::internal);
  EXPECT_TRUE(at(0).empty());

  cluster_.node(1).evict(hall_, ann, "banned");
  auto later = enter(0, 1, "ann", 100, ann);  // does not know of it yet
  cluster_.settle();
  EXPECT_EQ(code_of(later), Code::conflict);
  EXPECT_TRUE(at(0).empty());
  EXPECT_TRUE(at(1).empty());
  const Names heard = {"+ann", "-ann", "evicted kicked", "evicted banned"};
  EXPECT_EQ(tellers_[0].all, heard);
  EXPECT_EQ(tellers_[1].all, heard);
}

TEST_F(RosterNodes, ANodeThatDiesLeavesNobodyBehind) {
  for (std::uint32_t i = 0; i < 3; ++i) enter(i % 2, i, std::to_string(i));
  cluster_.settle();
  cluster_.die(0);
  cluster_.settle();
  EXPECT_EQ(at(1), Names{"1"});
  EXPECT_EQ(tellers_[1].told[1], (Names{"+2", "?0", "?2"}));
}

}  // namespace
}  // namespace stoa::realtime::test
