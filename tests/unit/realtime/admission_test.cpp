#include "realtime/admission.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace stoa::realtime {
namespace {

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() {
    limits_.max_sessions = 10;
    limits_.max_sessions_per_address = 5;
    limits_.max_guests_per_address = 2;
    limits_.max_sessions_per_user = 3;
  }

  // Whether there was a place.
  bool enter(const std::string& address, std::optional<UserId> user = {}) {
    try {
      auto ticket = admission_.admit(address);
      if (user) ticket.claim(*user);
      tickets_.push_back(std::move(ticket));
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::rate_limited);
      return false;
    }
  }

  config::Realtime limits_;
  Admission admission_{limits_};
  std::vector<Admission::Ticket> tickets_;
};

TEST_F(AdmissionTest, LetsMorePeopleThanGuestsComeFromAnAddress) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(enter("192.0.2.1", UserId::make())) << i;
  EXPECT_TRUE(enter("192.0.2.1"));
  EXPECT_FALSE(enter("192.0.2.1", UserId::make()));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(enter("192.0.2.2")) << i;
  EXPECT_FALSE(enter("192.0.2.2"));
}

TEST_F(AdmissionTest, WhoIsKnownIsNotKeptOutByGuests) {
  const UserId user = UserId::make();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(enter("192.0.2.1"));
  for (int i = 0; i < 3; ++i) tickets_.push_back(admission_.admit("192.0.2.1", user));
  EXPECT_THROW(admission_.admit("192.0.2.1", UserId::make()), Error);  // five in all
  EXPECT_THROW(admission_.admit("192.0.2.2", user), Error);            // three of a user
  tickets_.clear();
  EXPECT_EQ(admission_.total(), 0U);
  tickets_.push_back(admission_.admit("192.0.2.2", user));
}

TEST_F(AdmissionTest, CountsAnIpv6NetworkAsOneAddress) {
  EXPECT_TRUE(enter("2001:db8::1"));
  EXPECT_TRUE(enter("2001:db8::2:0:0:1"));
  EXPECT_FALSE(enter("2001:db8::ffff"));
  EXPECT_TRUE(enter("2001:db8:0:1::1"));
}

TEST_F(AdmissionTest, GivesBackWhatATicketTook) {
  const UserId user = UserId::make();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enter("192.0.2.1", user));
  EXPECT_FALSE(enter("192.0.2.1", user));
  EXPECT_TRUE(enter("192.0.2.1"));
  EXPECT_EQ(admission_.total(), 4u);
  tickets_.clear();
  EXPECT_EQ(admission_.total(), 0u);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enter("192.0.2.1", user)) << i;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(enter("192.0.2.1")) << i;
}

}  // namespace
}  // namespace stoa::realtime
