// How often it is told that somebody types.
#include "features/chat/typists.hpp"

#include <gtest/gtest.h>

namespace stoa::chat {
namespace {

using Verdict = Typists::Verdict;
const realtime::SessionId kSession{0, 1};

TEST(Typists, AStartAndItsStopAreToldOnceAnInterval) {
  Typists typists(std::chrono::minutes(1));
  const RoomId room = RoomId::make();
  std::string name;
  typists.enter(kSession, room, "Ada");
  EXPECT_EQ(typists.types(kSession, room, false, name), Verdict::hush) << "never started";
  EXPECT_EQ(typists.types(kSession, room, true, name), Verdict::tell);
  EXPECT_EQ(name, "Ada");
  EXPECT_EQ(typists.types(kSession, room, true, name), Verdict::hush);
  EXPECT_EQ(typists.types(kSession, room, false, name), Verdict::tell);
  EXPECT_EQ(typists.types(kSession, room, false, name), Verdict::hush);
  EXPECT_EQ(typists.types(kSession, room, true, name), Verdict::hush) << "too soon";
}

TEST(Typists, WithoutAnIntervalEveryStartIsTold) {
  Typists typists(std::chrono::milliseconds(0));
  const RoomId room = RoomId::make();
  std::string name;
  typists.enter(kSession, room, "Ada");
  EXPECT_EQ(typists.types(kSession, room, true, name), Verdict::tell);
  EXPECT_EQ(typists.types(kSession, room, true, name), Verdict::tell);
}

TEST(Typists, RoomsAreApartAndLeavingForgets) {
  Typists typists(std::chrono::minutes(1));
  const RoomId one = RoomId::make();
  const RoomId two = RoomId::make();
  std::string name;
  typists.enter(kSession, one, "Ada");
  typists.enter(kSession, two, "Ada");
  EXPECT_EQ(typists.types(kSession, one, true, name), Verdict::tell);
  EXPECT_EQ(typists.types(kSession, two, true, name), Verdict::tell);
  typists.leave(kSession, one);
  EXPECT_EQ(typists.types(kSession, one, true, name), Verdict::not_here);
  EXPECT_EQ(typists.types(kSession, two, false, name), Verdict::tell);
  typists.forget(kSession);
  EXPECT_EQ(typists.types(kSession, two, true, name), Verdict::not_here);
}

}  // namespace
}  // namespace stoa::chat
