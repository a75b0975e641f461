#include <stoa/core/who_may.hpp>

#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace stoa {
namespace {

enum class Rank { first, second, third };

constexpr Code kOutside{"OUTSIDE", 403, "You are outside"};

// The code that somebody is refused with; "" for nobody.
std::string refusal(const std::function<void()>& ask) {
  try {
    ask();
  } catch (const Error& error) {
    return std::string(error.code().wire);
  }
  return "";
}

TEST(WhoMay, WhatIsNotFoundIsHiddenOrSaysWhoseItIs) {
  EXPECT_EQ(require_found(std::optional(7)), 7);
  EXPECT_EQ(refusal([] { require_found(std::optional<int>()); }), "NOT_FOUND");
  EXPECT_EQ(refusal([] { require_found(std::optional<int>(), kOutside); }), "OUTSIDE");
}

TEST(WhoMay, AThingHasOneOwnerOrNone) {
  const UserId owner = UserId::make();
  EXPECT_EQ(refusal([&] { require_owner(owner, owner); }), "");
  EXPECT_EQ(refusal([&] { require_owner(owner, UserId::make()); }), "FORBIDDEN");
  EXPECT_EQ(refusal([&] { require_owner(std::nullopt, owner); }), "FORBIDDEN");
}

TEST(WhoMay, ARankIsEnoughForItselfAndAllBelow) {
  EXPECT_EQ(refusal([] { require_rank(Rank::first, Rank::second); }), "");
  EXPECT_EQ(refusal([] { require_rank(Rank::second, Rank::second); }), "");
  EXPECT_EQ(refusal([] { require_rank(Rank::third, Rank::second); }), "FORBIDDEN");
}

TEST(WhoMay, AnOwnerNeedsNoRank) {
  const UserId owner = UserId::make();
  const auto ask = [&owner](UserId user, Rank mine) {
    return refusal([&] { require_owner_or_rank(owner, user, mine, Rank::second, "No"); });
  };
  EXPECT_EQ(ask(owner, Rank::third), "");
  EXPECT_EQ(ask(UserId::make(), Rank::second), "");
  EXPECT_EQ(ask(UserId::make(), Rank::third), "FORBIDDEN");
}

TEST(WhoMay, NobodyStandsAboveAnEqual) {
  EXPECT_EQ(refusal([] { require_above(Rank::first, Rank::second); }), "");
  EXPECT_EQ(refusal([] { require_above(Rank::second, Rank::second); }), "FORBIDDEN");
  EXPECT_EQ(refusal([] { require_above(Rank::third, Rank::second); }), "FORBIDDEN");
}

}  // namespace
}  // namespace stoa
