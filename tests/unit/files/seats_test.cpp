// Places of what is given out: an address and a person have a part of them.
#include "features/files/download_seats.hpp"

#include <stoa/files/files_codes.hpp>

#include <optional>
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

}  // namespace
}  // namespace stoa::files
