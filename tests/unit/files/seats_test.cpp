// Places of what is given out and of what comes: an address and a person have a part of them, and who is slow gives way.
#include "features/files/seats.hpp"

#include <stoa/files/files_codes.hpp>

#include <chrono>
#include <cstddef>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::files {
namespace {

class SeatsTest : public testing::Test {
 protected:
  using Clock = Seats::Clock;

  SeatsTest(const Seats::Bounds& bounds, Code too_many) : seats(bounds, too_many) {}

  // Its number; the code where there is none.
  std::variant<std::size_t, Code> take(std::uint64_t address, std::uint64_t user, int second = 0,
                                       Seats::By by = Seats::By::himself) {
    try {
      taken.push_back(seats.take({address, user}, by, start + std::chrono::seconds(second)));
    } catch (const Error& error) {
      return error.code();
    }
    return taken.size() - 1;
  }
  bool is_taken(std::uint64_t address, std::uint64_t user, int second = 0) {
    return std::holds_alternative<std::size_t>(take(address, user, second));
  }
  Code refused(std::uint64_t address, std::uint64_t user, int second = 0) {
    const auto answer = take(address, user, second);
    const Code* code = std::get_if<Code>(&answer);
    return code != nullptr ? *code : Code{"TAKEN", 200, ""};
  }
  bool goes_on(std::size_t which, std::size_t bytes = 1) {
    try {
      taken.at(which).came(bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::overloaded);
      return false;
    }
    return true;
  }

  const Clock::time_point start = Clock::now();
  Seats seats;
  std::vector<Seats::Seat> taken;
};

class DownloadSeatsTest : public SeatsTest {
 protected:
  DownloadSeatsTest()
      : SeatsTest({.most = 6, .of_user = 3, .of_address = 4, .of_strangers = 2},
                  kTooManyDownloads) {}
};

TEST_F(DownloadSeatsTest, APersonHasSoManyFromWhereverHeIs) {
  EXPECT_TRUE(is_taken(1, 7));
  EXPECT_TRUE(is_taken(2, 7));
  EXPECT_TRUE(is_taken(3, 7));
  EXPECT_EQ(refused(3, 7, 60), kTooManyDownloads) << "his own do not give way to him";
  EXPECT_TRUE(is_taken(3, 8));
  taken.clear();
  EXPECT_EQ(seats.size(), 0u);
  EXPECT_TRUE(is_taken(3, 7));
}

TEST_F(DownloadSeatsTest, WhatIsTakenByAPersonsLinksGivesWayToHim) {
  constexpr auto kLink = Seats::By::link;
  for (const std::uint64_t address : {1, 2}) take(address, 7, 0, kLink);
  EXPECT_TRUE(is_taken(3, 7));
  EXPECT_TRUE(goes_on(0, 1000));
  EXPECT_EQ(std::get<Code>(take(4, 7, 0, kLink)), kTooManyDownloads) << "not to another link";
  EXPECT_EQ(std::get<std::size_t>(take(3, 7)), 3u);
  EXPECT_FALSE(goes_on(1)) << "the slowest";
  EXPECT_TRUE(goes_on(0));
  EXPECT_EQ(seats.size(), 3u);
  EXPECT_TRUE(is_taken(3, 7));
  EXPECT_FALSE(goes_on(0));
  EXPECT_EQ(refused(3, 7), kTooManyDownloads) << "his own do not give way";
  EXPECT_EQ(seats.size(), 3u);
  EXPECT_EQ(std::get<Code>(take(4, 7, 0, kLink)), kTooManyDownloads);
}

TEST_F(DownloadSeatsTest, AtAnAddressTheSlowestOfWhoeverHasMostGivesWay) {
  for (const std::uint64_t user : {7, 7, 7, 8}) EXPECT_TRUE(is_taken(1, user));
  for (const std::size_t which : {0, 2}) EXPECT_TRUE(goes_on(which, 1000));
  EXPECT_EQ(std::get<std::size_t>(take(1, 9)), 4u);
  EXPECT_FALSE(goes_on(1));
  for (const std::size_t which : {0, 2, 3, 4}) EXPECT_TRUE(goes_on(which));
  EXPECT_EQ(seats.size(), 4u);
}

TEST_F(DownloadSeatsTest, NothingGivesWayToWhoHasAsMany) {
  for (const std::uint64_t user : {7, 7, 8, 8}) EXPECT_TRUE(is_taken(1, user));
  EXPECT_EQ(refused(1, 8, 60), kTooManyDownloads);
  EXPECT_TRUE(is_taken(1, 9));
  EXPECT_EQ(refused(1, 9), kTooManyDownloads) << "two are as many";
  EXPECT_TRUE(is_taken(2, 9)) << "another address";
}

TEST_F(DownloadSeatsTest, StrangersHaveASmallerShareOfTheirOwn) {
  for (const std::uint64_t user : {0, 0}) EXPECT_TRUE(is_taken(1, user));
  EXPECT_EQ(refused(1, 0, 9), kTooManyDownloads);
  EXPECT_TRUE(is_taken(1, 7, 9));
  EXPECT_TRUE(is_taken(1, 7, 9));
  EXPECT_TRUE(goes_on(1, 1000));
  EXPECT_TRUE(is_taken(1, 0, 10)) << "the slowest of theirs had its time";
  EXPECT_FALSE(goes_on(0));
  for (const std::size_t which : {1, 2, 3, 4}) EXPECT_TRUE(goes_on(which));
}

TEST_F(DownloadSeatsTest, AllTogetherHaveSoMany) {
  for (const std::uint64_t address : {1, 1, 1, 2, 3, 4}) {
    EXPECT_TRUE(is_taken(address, 10 + taken.size()));
  }
  EXPECT_EQ(std::get<std::size_t>(take(5, 9)), 6u);
  EXPECT_EQ(seats.size(), 6u);
  EXPECT_TRUE(goes_on(3)) << "one's only one stays";
  EXPECT_EQ(refused(5, 8), Code::overloaded);
}

TEST_F(DownloadSeatsTest, WhoReadsNothingIsEnded) {
  int ended = 0;
  for (const std::uint64_t user : {7, 7, 7, 8}) EXPECT_TRUE(is_taken(1, user));
  for (std::size_t which = 0; which < 3; ++which) {
    taken[which].on_give_way([&ended] { ++ended; });
  }
  EXPECT_TRUE(is_taken(1, 9));
  EXPECT_EQ(ended, 1);
}

class UploadSeatsTest : public SeatsTest {
 protected:
  UploadSeatsTest() : SeatsTest({.most = 4, .of_user = 2, .part = 2}, kTooManyUploads) {}

  // Each of another person and address.
  void fill(int second) {
    for (std::uint64_t who = 1; who <= 4; ++who) take(who, who, second);
  }
};

TEST_F(UploadSeatsTest, TheSlowestGivesWay) {
  fill(0);
  for (const std::size_t which : {0, 1, 3}) EXPECT_TRUE(goes_on(which, 1000));
  EXPECT_TRUE(goes_on(2, 10));
  EXPECT_EQ(std::get<Code>(take(9, 9, 9)), Code::overloaded) << "all have just begun";
  EXPECT_EQ(std::get<std::size_t>(take(9, 9, 10)), 4u);
  EXPECT_FALSE(goes_on(2));
  for (const std::size_t which : {0, 1, 3, 4}) EXPECT_TRUE(goes_on(which));
  EXPECT_EQ(seats.size(), 4u);
  taken.clear();
  EXPECT_EQ(seats.size(), 0u);
}

// Or one account would have any number that are not at their end.
TEST_F(UploadSeatsTest, WhatGaveWayIsItsPersonsUntilItEnds) {
  take(1, 1, 0);
  take(1, 1, 0);
  take(2, 2, 0);
  take(2, 2, 0);
  for (const std::size_t which : {2, 3}) goes_on(which, 1000);
  take(3, 3, 20);
  EXPECT_EQ(std::get<Code>(take(1, 1, 20)), kTooManyUploads);
}

TEST_F(UploadSeatsTest, AnAddressBeyondItsPartGivesWayAtOnce) {
  for (std::uint64_t user = 1; user <= 4; ++user) take(1, user, 0);
  for (const std::size_t which : {0, 1, 3}) goes_on(which, 1000);
  EXPECT_EQ(std::get<Code>(take(1, 5, 1)), Code::overloaded) << "not to itself";
  EXPECT_EQ(std::get<std::size_t>(take(2, 5, 1)), 4u);
  EXPECT_FALSE(goes_on(2));
  EXPECT_EQ(std::get<std::size_t>(take(3, 6, 1)), 5u);
  EXPECT_EQ(std::get<Code>(take(4, 7, 1)), Code::overloaded) << "two are its part";
}

}  // namespace
}  // namespace stoa::files
