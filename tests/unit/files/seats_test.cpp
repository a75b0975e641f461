// Places of what is given out and of what comes: an address and a person have a part of them, and who is slow gives way.
#include "features/files/download_seats.hpp"
#include "features/files/upload_seats.hpp"

#include <stoa/files/files_codes.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::files {
namespace {

class DownloadSeatsTest : public testing::Test {
 protected:
  // Takes it for good; the code where there is none.
  std::optional<Code> take(std::uint64_t address, std::uint64_t user) {
    try {
      taken.push_back(seats.take({address, user}));
    } catch (const Error& error) {
      return error.code();
    }
    return std::nullopt;
  }

  DownloadSeats seats{6, 4, 2};
  std::vector<DownloadSeats::Seat> taken;
};

TEST_F(DownloadSeatsTest, APersonHasSoManyFromWhereverHeIs) {
  EXPECT_FALSE(take(1, 7));
  EXPECT_FALSE(take(2, 7));
  EXPECT_EQ(take(3, 7), kTooManyDownloads);
  EXPECT_FALSE(take(3, 8));
  taken.clear();
  EXPECT_EQ(seats.size(), 0u);
  EXPECT_FALSE(take(3, 7));
}

TEST_F(DownloadSeatsTest, AnAddressHasSoManyWhoeverIsThere) {
  for (const std::uint64_t user : {0, 0, 0, 7}) EXPECT_FALSE(take(1, user));
  EXPECT_EQ(take(1, 8), kTooManyDownloads);
  EXPECT_EQ(take(1, 0), kTooManyDownloads);
  EXPECT_FALSE(take(2, 8));
}

TEST_F(DownloadSeatsTest, AllTogetherHaveSoMany) {
  for (const std::uint64_t address : {1, 2, 3, 4, 5, 6}) EXPECT_FALSE(take(address, 0));
  EXPECT_EQ(take(7, 0), Code::overloaded);
  taken.pop_back();
  EXPECT_FALSE(take(7, 0));
}

class UploadSeatsTest : public testing::Test {
 protected:
  using Clock = UploadSeats::Clock;

  // Its number; the code where there is none.
  std::variant<std::size_t, Code> take(std::uint64_t address, std::uint64_t user, int second) {
    try {
      taken.push_back(seats.take({address, user}, start + std::chrono::seconds(second)));
    } catch (const Error& error) {
      return error.code();
    }
    return taken.size() - 1;
  }
  // Each of another person and address.
  void fill(int second) {
    for (std::uint64_t who = 1; who <= 4; ++who) take(who, who, second);
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
  UploadSeats seats{4, 2, 2};
  std::vector<UploadSeats::Seat> taken;
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
