#pragma once
// The Session that a handler sees: the client's, and what is to follow the answer of this one event,
// however many others are under way. Lives on the session's shard.
#include "realtime/client_session.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace stoa::realtime {

class EventScope final : public Session {
 public:
  explicit EventScope(std::shared_ptr<ClientSession> session) : session_(std::move(session)) {}

  // The answer is in the queue, or there will be none.
  void answered(bool well) {
    answered_ = true;
    const auto then = std::exchange(after_, {});
    if (!well) return;
    for (const auto& step : then) step();
  }

  SessionId id() const noexcept override { return session_->id(); }
  bool open() const noexcept override { return session_->open(); }
  const std::optional<Caller>& caller() const noexcept override { return session_->caller(); }
  const Client& client() const noexcept override { return session_->client(); }
  void stand_for(UserId user, AuthSessionId sign_in) override {
    session_->stand_for(user, sign_in);
  }
  void subscribe(const Topic& topic) override { session_->subscribe(topic); }
  void subscribe_held(const Topic& topic) override { session_->subscribe_held(topic); }
  void release(const Topic& topic, std::int64_t seq) override { session_->release(topic, seq); }
  void unsubscribe(const Topic& topic) override { session_->unsubscribe(topic); }
  bool subscribed(const Topic& topic) const override { return session_->subscribed(topic); }
  void after_answer(std::function<void()> then) override {
    if (answered_) return then();
    after_.push_back(std::move(then));
  }
  void send(std::string_view event, std::string payload) override {
    session_->send(event, std::move(payload));
  }
  using Session::send;
  void close(CloseReason why) override { session_->close(why); }

 private:
  std::shared_ptr<ClientSession> session_;
  std::vector<std::function<void()>> after_;
  bool answered_ = false;
};

}  // namespace stoa::realtime
