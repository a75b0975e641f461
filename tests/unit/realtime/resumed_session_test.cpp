// Which publication a session that is resumed says that its client has.
#include "realtime/client_session.hpp"
#include "support.hpp"

#include <future>
#include <memory>
#include <string>

#include <boost/asio/post.hpp>

namespace stoa::realtime::test {
namespace {

// Of events it tells the number, and nothing of all else.
class Numbers final : public Codec {
 public:
  Numbers() : Codec(kMaxCodecs - 1) {}
  bool pings() const noexcept override { return false; }
  realtime::Frame encode_event(std::string_view, std::string_view,
                               std::uint64_t number) const override {
    const std::string text = std::to_string(number);
    return FrameBuilder(text.size()).add(text).take();
  }
  realtime::Frame encode_ack(std::string_view, std::string_view) const override { return {}; }
  realtime::Frame encode_error(std::string_view, const Error&) const override { return {}; }
  realtime::Frame encode_close(const CloseReason&) const override { return {}; }
  realtime::Frame encode_ping() const override { return {}; }
};

struct NoCarrier final : Carrier {
  void frames_wait() override {}
  void session_over() override {}
};

class ResumedSession : public ::testing::Test {
 protected:
  // On the node's shard, with a session that listens to the room.
  void run(const std::function<void()>& test) {
    std::promise<void> done;
    asio::post(local_.shard().context, [&] {
      out_ = std::make_shared<Outbound>(nullptr, local_.flusher(), local_.counters,
                                        OutboundLimits{100'000, 100});
      out_->carried_by(&carrier_);
      session_ = std::make_shared<ClientSession>(state_, local_, *state_->endpoints.front(),
                                                 std::make_shared<Numbers>(), out_, Client(),
                                                 Admission::Ticket());
      session_->start(std::nullopt);
      session_->subscribe(room_);
      test();
      session_->end();
      session_->leave();
      session_.reset();
      out_.reset();
      done.set_value();
    });
    done.get_future().get();
  }
  void deliver(std::uint64_t number) { local_.deliver(Node::message(room_, 1, false), number); }
  // Both ways of sending something to it alone say the same.
  std::string send() {
    session_->send("event", "{}");
    std::string its = sent();
    local_.send(session_->id().number, "event", "{}");
    EXPECT_EQ(sent(), its);
    return its;
  }
  std::string sent() {
    std::string all;
    for (const auto& frame : out_->take()) all += std::string(frame.view()) + " ";
    return all;
  }

  Node node_;
  const std::shared_ptr<GatewayState> state_ = node_.gateway().state();
  LocalHub& local_ = *state_->locals.front();
  const Topic room_ = room_topic(RoomId::make());
  NoCarrier carrier_;
  std::shared_ptr<Outbound> out_;
  std::shared_ptr<ClientSession> session_;
};

TEST_F(ResumedSession, KnowsNoMoreThanItsClientSaysWhileItIsDeaf) {
  run([&] {
    deliver(5);
    EXPECT_EQ(sent(), "5 ");
    session_->deafen(3);
    deliver(6);
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(send(), "3 ");
  });
}

TEST_F(ResumedSession, KnowsWhatItWasHandedBeforeItsShardGetsThere) {
  run([&] {
    deliver(5);
    session_->deafen(3);
    session_->hear_after(8);
    sent();
    EXPECT_EQ(send(), "8 ");
    deliver(7);
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(send(), "8 ");
    deliver(9);
    EXPECT_EQ(sent(), "9 ");
    EXPECT_EQ(send(), "9 ");
  });
}

}  // namespace
}  // namespace stoa::realtime::test
