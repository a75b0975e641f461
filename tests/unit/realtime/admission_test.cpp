#include "realtime/admission.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
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
    limits_.max_unknown_per_address = 3;
    limits_.max_sessions_per_user = 3;
  }

  using Ticket = Admission::Ticket;

  // Whether there was a place.
  template <class... Who>
  bool enter(const std::string& address, Who... who) {
    return keep([&] { return admission_.admit(address, who...); });
  }
  bool enter_as_guest(const std::string& address) {
    return keep([&] { return admission_.admit_guest(address); });
  }
  // One that says no more, and gives way. `shown`: its token, or nothing.
  bool wait(const std::string& address, const std::optional<Uuid>& shown = std::nullopt) {
    if (!enter(address, shown)) return false;
    tickets_.back().yield([this, number = tickets_.size() - 1] { gone_.push_back(number); });
    return true;
  }

  config::Realtime limits_;
  Admission admission_{limits_};
  std::vector<Ticket> tickets_;
  std::vector<std::size_t> gone_;

 private:
  template <class Admit>
  bool keep(const Admit& admit) {
    try {
      tickets_.push_back(admit());
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(),
                admission_.total() < limits_.max_sessions ? Code::rate_limited : Code::overloaded);
      return false;
    }
  }
};

using Numbers = std::vector<std::size_t>;

TEST_F(AdmissionTest, LetsMorePeopleThanGuestsComeFromAnAddress) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(enter("192.0.2.1", UserId::make())) << i;
  EXPECT_TRUE(enter_as_guest("192.0.2.1"));
  EXPECT_FALSE(enter("192.0.2.1", UserId::make()));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(enter_as_guest("192.0.2.2")) << i;
  EXPECT_FALSE(enter_as_guest("192.0.2.2"));
}

TEST_F(AdmissionTest, WhoIsKnownIsNotKeptOutByGuests) {
  const UserId user = UserId::make();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(enter_as_guest("192.0.2.1"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enter("192.0.2.1", user));
  EXPECT_FALSE(enter("192.0.2.1", UserId::make()));  // five in all
  EXPECT_FALSE(enter("192.0.2.2", user));            // three of a user
  tickets_.clear();
  EXPECT_EQ(admission_.total(), 0U);
  EXPECT_TRUE(enter("192.0.2.2", user));
}

TEST_F(AdmissionTest, CountsAnIpv6NetworkAsOneAddress) {
  EXPECT_TRUE(enter_as_guest("2001:db8::1"));
  EXPECT_TRUE(enter_as_guest("2001:db8::2:0:0:1"));
  EXPECT_FALSE(enter_as_guest("2001:db8::ffff"));
  EXPECT_TRUE(enter_as_guest("2001:db8:0:1::1"));
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
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(enter_as_guest("192.0.2.1")) << i;
}

TEST_F(AdmissionTest, TheOldestOfWhomNothingIsKnownGivesWayToTheNext) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(wait("192.0.2.1")) << i;
  EXPECT_EQ(gone_, (Numbers{0, 1}));
  EXPECT_TRUE(wait("192.0.2.2"));
  EXPECT_EQ(gone_.size(), 2U) << "to nobody elsewhere";
  EXPECT_EQ(admission_.displaced(), 2U);
  EXPECT_EQ(admission_.total(), 4U);
  tickets_.clear();
  EXPECT_EQ(admission_.total(), 0U);
}

TEST_F(AdmissionTest, WhoHasSaidWhoHeIsKeepsHisPlace) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(wait("192.0.2.1")) << i;
  tickets_[0].claim(UserId::make());
  tickets_[1].be_guest();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(wait("192.0.2.1")) << i;
  EXPECT_EQ(gone_, (Numbers{2}));
  EXPECT_THROW(tickets_[2].claim(UserId::make()), Error);
  EXPECT_THROW(tickets_[2].be_guest(), Error);
  EXPECT_THROW(tickets_[2].hold(), Error);
  tickets_[3].be_guest();
  EXPECT_THROW(tickets_[4].be_guest(), Error) << "two guests of an address";
  EXPECT_EQ(gone_.size(), 1U);
}

TEST_F(AdmissionTest, NobodyGivesWayWhileItIsFoundOutWhoHeIs) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(wait("192.0.2.1")) << i;
  {
    const Admission::Judging judging(tickets_[0]);
    EXPECT_TRUE(wait("192.0.2.1"));
    EXPECT_EQ(gone_, (Numbers{1}));
    tickets_[2].hold();
    tickets_[3].hold();
    EXPECT_FALSE(enter("192.0.2.1"));
  }
  tickets_[2].resume();
  EXPECT_TRUE(wait("192.0.2.1"));
  EXPECT_EQ(gone_, (Numbers{1, 0})) << "in the order of coming";
}

TEST_F(AdmissionTest, AKnownUserComesInWhereThoseOfWhomNothingIsKnownHaveTakenAll) {
  limits_.max_unknown_per_address = 10;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(wait("192.0.2.1")) << i;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enter("192.0.2.1", UserId::make())) << i;
  EXPECT_EQ(gone_, (Numbers{0, 1, 2}));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(wait("192.0.2.2")) << i;
  EXPECT_TRUE(enter("192.0.2.2", UserId::make()));  // ten in all
  EXPECT_EQ(gone_, (Numbers{0, 1, 2, 8}));
  EXPECT_EQ(admission_.total(), 10U);
}

TEST_F(AdmissionTest, ManySignInsDisplaceNobodyButThemselves) {
  limits_.max_sessions = limits_.max_sessions_per_address = 20;
  const std::string school = "192.0.2.1";
  const Uuid honest = Uuid::v7();
  const std::array flood = {Uuid::v7(), Uuid::v7()};
  EXPECT_TRUE(wait(school, honest));
  EXPECT_TRUE(wait(school));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(wait(school, flood[i % 2])) << i;
  EXPECT_EQ(gone_, (Numbers{2, 3, 4, 5})) << "three wait of each sign-in";
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(wait(school)) << i;
  EXPECT_EQ(gone_, (Numbers{2, 3, 4, 5, 1, 12, 13})) << "and three without a token";
  tickets_[0].claim(UserId::make());
  EXPECT_TRUE(wait("192.0.2.2", flood[0]));
  EXPECT_EQ(gone_.size(), 7U);
  tickets_.clear();
  EXPECT_EQ(admission_.total(), 0U);
}

TEST_F(AdmissionTest, WhereAllIsTakenWhoeverHasMostOfHisShareGivesWay) {
  const std::string school = "192.0.2.1";
  const std::array shown = {Uuid::v7(), Uuid::v7()};
  EXPECT_TRUE(wait(school, shown[0]));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(wait(school)) << i;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(wait(school, shown[1])) << i;
  EXPECT_TRUE(enter(school, UserId::make()));
  EXPECT_EQ(gone_, (Numbers{1})) << "two of three each: the older";
  EXPECT_TRUE(enter(school, UserId::make()));
  EXPECT_EQ(gone_, (Numbers{1, 3}));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enter(school, UserId::make())) << i;
  EXPECT_EQ(gone_, (Numbers{1, 3, 0, 2, 4}));
  EXPECT_FALSE(enter(school, UserId::make()));
}

TEST_F(AdmissionTest, WhoeverFillsAllPlacesWithWhatIsNobodysGivesWayToOtherAddresses) {
  const std::array flood = {"192.0.2.1", "192.0.2.2"};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(wait(flood[i % 2], Uuid::v7())) << i;
  ASSERT_TRUE(wait("192.0.2.3"));
  EXPECT_TRUE(enter("192.0.2.3", UserId::make()));
  EXPECT_TRUE(enter_as_guest("192.0.2.3"));
  EXPECT_EQ(gone_, (Numbers{0, 1, 2})) << "the oldest of the address that has most";
  EXPECT_TRUE(wait(flood[1], Uuid::v7()));
  EXPECT_EQ(gone_, (Numbers{0, 1, 2, 3})) << "who comes again displaces himself";
  tickets_[10].claim(UserId::make());
  EXPECT_EQ(admission_.total(), 10U);
  EXPECT_EQ(admission_.displaced(), 4U);
  tickets_.clear();
  EXPECT_EQ(admission_.total(), 0U);
}

TEST_F(AdmissionTest, WhereAllPlacesAreTakenWhoIsJudgedKeepsHisOwn) {
  const std::array flood = {"192.0.2.1", "192.0.2.2"};
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(wait(flood[i % 2], Uuid::v7())) << i;
  for (Ticket& ticket : tickets_) ticket.hold();
  EXPECT_FALSE(wait("192.0.2.3"));
  EXPECT_FALSE(enter("192.0.2.3", UserId::make()));
  EXPECT_TRUE(gone_.empty());
  tickets_[7].resume();
  ASSERT_TRUE(wait("192.0.2.3"));
  EXPECT_EQ(gone_, (Numbers{7}));
  tickets_[10].hold();
  EXPECT_FALSE(enter("192.0.2.4", UserId::make()));
  tickets_[10].resume();
  EXPECT_TRUE(enter("192.0.2.4", UserId::make()));
  EXPECT_EQ(gone_, (Numbers{7, 10}));
}

// Of addresses that cost nothing: the newest keep their places longest.
TEST_F(AdmissionTest, OfAddressesThatHaveEquallyManyTheOldestGivesWay) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(wait("192.0.2." + std::to_string((i * 7) % 10))) << i;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(wait("198.51.100." + std::to_string(9 - i))) << i;
  EXPECT_EQ(gone_, (Numbers{0, 1, 2}));
  EXPECT_TRUE(wait("198.51.100.9"));
  EXPECT_EQ(gone_, (Numbers{0, 1, 2, 10})) << "his own, since nobody has more";
}

TEST_F(AdmissionTest, ARefusalSaysWhoHasTooMany) {
  limits_.max_sessions_per_user = 1;
  const auto why = [&](const std::optional<Uuid>& shown) -> std::string {
    try {
      tickets_.push_back(admission_.admit("192.0.2.1", shown));
      return {};
    } catch (const Error& error) {
      return error.what();
    }
  };
  const Uuid shown = Uuid::v7();
  EXPECT_EQ(why(shown), "");
  EXPECT_EQ(why(shown), "Too many connections with this sign-in are being made");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(why(std::nullopt), "");
  EXPECT_EQ(why(std::nullopt), "Too many connections from this address");
}

// On a thread of a shard each, with everything that becomes of tickets; all that was counted is given back.
TEST_F(AdmissionTest, AllIsGivenBackAcrossThreads) {
  const std::array users = {UserId::make(), UserId::make()};
  std::atomic<std::uint64_t> told = 0;
  const auto live = [&](std::size_t number) {
    for (std::size_t i = 0; i < 5000; ++i) {
      try {
        const bool shows = i % 11 == 0;
        Ticket ticket = admission_.admit(
            "192.0.2.1", shows ? std::optional(users[i % users.size()].uuid) : std::nullopt);
        ticket.yield([&told] { ++told; });
        const Admission::Judging judging(ticket);
        if (i % 5 == 0) ticket.yield([&told] { ++told; });
        if (i % 3 == 0) ticket.claim(users[(number + i) % users.size()]);
        if (i % 3 == 1) ticket.be_guest();
        if (i % 7 == 0) ticket = Ticket();
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::rate_limited);
      }
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < 4; ++number) threads.emplace_back(live, number);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admission_.total(), 0U);
  EXPECT_EQ(told, admission_.displaced()) << "whoever gives way is told so";
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(enter_as_guest("192.0.2.1"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enter("192.0.2.1", users[0]));
}

TEST_F(AdmissionTest, NobodyGivesWayToWhoIsRefusedAllTheSame) {
  const UserId user = UserId::make();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(enter("192.0.2.2", user));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(enter_as_guest("192.0.2.1"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(wait("192.0.2.1"));
  EXPECT_FALSE(enter("192.0.2.1", user));
  EXPECT_FALSE(enter_as_guest("192.0.2.1"));
  EXPECT_TRUE(gone_.empty());
}

}  // namespace
}  // namespace stoa::realtime
