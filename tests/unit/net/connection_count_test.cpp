#include <stoa/net/connection_count.hpp>

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::net {
namespace {

const std::string kA = "192.0.2.1", kB = "192.0.2.2", kC = "192.0.2.3";

// Two connections of an address, four in all.
class ConnectionCountTest : public ::testing::Test {
 protected:
  struct Connection {
    ConnectionCount::Seat seat;
    int told = 0;
  };

  // References stay good.
  Connection& open(const std::string& from, Standing standing, bool exempt = false) {
    Connection& one = open_.emplace_back();
    one.seat = count_.take(boost::asio::ip::make_address(from), exempt);
    if (!one.seat) return one;
    one.seat.yield([&one] { ++one.told; });
    EXPECT_TRUE(one.seat.stand(standing));
    return one;
  }

  ConnectionCount count_{4, 2};
  std::deque<Connection> open_;
};

TEST_F(ConnectionCountTest, TheOldestOfTheAddressThatWaitsGivesWay) {
  auto& firm = open(kA, Standing::firm);
  auto& waits = open(kA, Standing::waits);
  auto& other = open(kB, Standing::waits);
  auto& newcomer = open(kA, Standing::waits);
  EXPECT_TRUE(newcomer.seat);
  EXPECT_EQ(waits.told, 1);
  EXPECT_FALSE(waits.seat.stand(Standing::firm));
  EXPECT_TRUE(firm.seat.stand(Standing::firm));
  EXPECT_TRUE(other.seat.stand(Standing::firm));
  EXPECT_EQ(count_.displaced(), 1U);
  EXPECT_EQ(count_.size(), 3U);
  open(kA, Standing::firm);
  EXPECT_EQ(newcomer.told, 1);
}

TEST_F(ConnectionCountTest, WhoBeginsARequestKeepsItsPlace) {
  auto& first = open(kA, Standing::waits);
  open(kA, Standing::firm);
  EXPECT_TRUE(first.seat.stand(Standing::firm));
  auto& refused = open(kA, Standing::waits);
  EXPECT_FALSE(refused.seat);
  EXPECT_FALSE(refused.seat.is_full());
  EXPECT_EQ(first.told, 0);
  // Once it is over it gives way again, though it was looked at meanwhile.
  EXPECT_TRUE(first.seat.stand(Standing::waits));
  EXPECT_TRUE(open(kA, Standing::waits).seat);
  EXPECT_EQ(first.told, 1);
}

TEST_F(ConnectionCountTest, WhereAllIsTakenTheAddressThatHasMostMakesRoom) {
  auto& few = open(kB, Standing::waits);
  auto& most = open(kA, Standing::waits);
  open(kA, Standing::waits);
  open("192.0.2.9", Standing::waits, true);
  EXPECT_TRUE(open(kC, Standing::waits).seat);
  EXPECT_EQ(most.told, 1);
  EXPECT_EQ(few.told, 0);
  EXPECT_EQ(count_.size(), 4U);
  // Now nobody has more than the newcomer, which takes the place of its own.
  EXPECT_TRUE(open(kB, Standing::waits).seat);
  EXPECT_EQ(few.told, 1);
}

TEST_F(ConnectionCountTest, AnAddressOfFirmOnesIsPassedOver) {
  open(kA, Standing::firm);
  open(kA, Standing::firm);
  auto& waits = open(kB, Standing::waits);
  open("192.0.2.9", Standing::waits, true);
  EXPECT_TRUE(open(kC, Standing::firm).seat);
  EXPECT_EQ(waits.told, 1);
  auto& refused = open(kB, Standing::waits);
  EXPECT_FALSE(refused.seat);
  EXPECT_TRUE(refused.seat.is_full());
}

TEST_F(ConnectionCountTest, ThoseOfAProxyGiveWayToNobody) {
  for (int i = 0; i < 4; ++i) open(kA, Standing::waits, true);
  EXPECT_FALSE(open(kB, Standing::waits).seat);
  for (const auto& one : open_) EXPECT_EQ(one.told, 0);
}

TEST_F(ConnectionCountTest, GivesEveryPlaceBackOnce) {
  for (int i = 0; i < 10; ++i) {
    for (const auto& from : {kA, kB, kC}) open(from, i % 2 == 0 ? Standing::waits : Standing::firm);
  }
  EXPECT_EQ(count_.size(), 4U);
  open_.clear();
  EXPECT_EQ(count_.size(), 0U);
  for (const auto& from : {kA, kA, kB, kB}) EXPECT_TRUE(open(from, Standing::firm).seat);
  EXPECT_FALSE(open(kC, Standing::firm).seat);
}

// What has given way holds its descriptor until its shard has closed it.
TEST_F(ConnectionCountTest, DoesNotDisplaceMoreThanIsClosed) {
  std::size_t taken = 0;
  while (taken < 10'000 && open(kA, Standing::waits).seat) ++taken;
  EXPECT_LT(taken, 1000U);
  open_.erase(open_.begin(), open_.begin() + 10);
  EXPECT_TRUE(open(kA, Standing::waits).seat);
}

TEST(ConnectionCount, IsSharedByThreads) {
  ConnectionCount count(40, 20);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&count, thread] {
      const auto from = boost::asio::ip::make_address(thread % 2 == 0 ? kA : kB);
      std::deque<ConnectionCount::Seat> open;
      for (int i = 0; i < 20'000; ++i) {
        if (auto seat = count.take(from, false)) {
          seat.yield([] {});
          open.push_back(std::move(seat));
        }
        for (std::size_t at = 0; at < open.size(); ++at) {
          const auto standing = static_cast<Standing>((i + static_cast<int>(at)) % 2);
          if (open[at].stand(standing)) continue;
          open[at] = std::move(open.back());
          open.pop_back();
        }
        if (i % 7 == 0 && !open.empty()) open.pop_front();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GT(count.displaced(), 0U);
  EXPECT_EQ(count.size(), 0U);
}

}  // namespace
}  // namespace stoa::net
