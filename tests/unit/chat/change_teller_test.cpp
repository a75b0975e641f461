#include "features/chat/change_teller.hpp"

#include "../support/eventually.hpp"

#include <stoa/core/error.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::chat {
namespace {

using test::eventually;

class Ear final : public realtime::Hub {
 public:
  void publish(std::vector<realtime::Publication> publications) override {
    const std::lock_guard lock(mutex_);
    for (auto& one : publications) heard_.push_back(std::move(one.payload));
  }
  void send(realtime::SessionId, std::string_view, std::string) override {}
  void close(realtime::SessionId, realtime::CloseReason) override {}
  void evict(const realtime::Topic&, UserId) override {}
  void dissolve(const realtime::Topic&) override {}
  void close_user(UserId, realtime::CloseReason) override {}
  void close_sign_in(AuthSessionId, realtime::CloseReason) override {}

  // The last characters of what was told, each with one that says which state it was.
  std::string heard() const {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const std::string& one : heard_) out += one.back();
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
};

class ChangesOfMessages : public testing::Test {
 protected:
  ~ChangesOfMessages() override { runtime_.stop(); }

  ChangeTeller& teller() {
    if (!teller_) {
      teller_ = std::make_unique<ChangeTeller>(runtime_, ear_, config_);
      runtime_.start();
    }
    return *teller_;
  }
  // So many bytes, of which the last says which state it is.
  void change(MessageId id, char state, std::size_t bytes, bool is_deleted = false) {
    std::vector<ChangedMessage> one;
    one.push_back({id, room_, actor_, std::string(bytes - 1, ' ') + state, is_deleted});
    teller().tell(std::move(one));
  }

  const RoomId room_ = RoomId::make();
  UserId actor_ = UserId::make();
  const MessageId message_ = MessageId::make();
  ChatConfig config_;
  Ear ear_;
  net::Runtime runtime_{1};
  std::unique_ptr<ChangeTeller> teller_;
};

TEST_F(ChangesOfMessages, AreAllToldWhereTheyAreShort) {
  for (char state = 'a'; state <= 'z'; ++state) change(message_, state, 500);
  EXPECT_EQ(ear_.heard(), "abcdefghijklmnopqrstuvwxyz");
}

TEST_F(ChangesOfMessages, AreToldOnceBeyondTheirBytesAndAsTheyAreThen) {
  config_.changed_bytes_per_message.bytes = 1024;
  change(message_, 'a', 4096);  // three seconds' worth of debt
  for (char state = 'b'; state <= 'z'; ++state) change(message_, state, 4096);
  EXPECT_EQ(ear_.heard(), "a");
  EXPECT_TRUE(eventually([&] { return ear_.heard() == "az"; }));
}

TEST_F(ChangesOfMessages, AreNothingOnceTheMessageIsDeleted) {
  config_.changed_bytes_per_message.bytes = 1024;
  const MessageId other = MessageId::make();
  change(message_, 'a', 2048);
  change(message_, 'b', 2048);
  change(message_, 'c', 100, true);
  EXPECT_EQ(ear_.heard(), "ac");
  change(other, 'x', 2048);
  change(other, 'y', 2048);  // is due after what was dropped would have been
  EXPECT_TRUE(eventually([&] { return ear_.heard() == "acxy"; }));
}

TEST_F(ChangesOfMessages, AreToldAtOnceWhereAsMuchWaitsAsMay) {
  config_.changed_bytes_per_message.bytes = 1024;
  config_.queue_bytes.bytes = 100 * 1024;
  const MessageId other = MessageId::make();
  change(message_, 'a', 64 * 1024);
  change(other, 'b', 64 * 1024);
  change(message_, 'c', 64 * 1024);
  EXPECT_EQ(ear_.heard(), "ab");
  change(other, 'd', 64 * 1024);
  EXPECT_EQ(ear_.heard(), "abd");
}

TEST_F(ChangesOfMessages, AreRefusedToWhoseWereMoreThanOnePersonMayCause) {
  config_.changed_bytes_per_user.bytes = 1024;
  for (int i = 0; i < 7; ++i) change(MessageId::make(), 'a', 2048);
  EXPECT_NO_THROW(teller().require_budget(actor_));
  change(MessageId::make(), 'a', 128 * 1024);
  try {
    teller().require_budget(actor_);
    FAIL() << "the bytes are used up";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::rate_limited);
  }
  EXPECT_NO_THROW(teller().require_budget(UserId::make()));
}

}  // namespace
}  // namespace stoa::chat
