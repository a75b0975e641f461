#pragma once
// The Session behind every codec: limits, authentication, dispatch, order of events, subscriptions,
// deadlines. The transport feeds it with messages (offer, settle), owns its coroutine, and ends it.
// Lives on its shard. Kept alive by the transport and by the events under way; the hub's pointers to it
// go with end() or its destructor.
#include "realtime/admission.hpp"
#include "realtime/codec.hpp"
#include "realtime/gateway_state.hpp"
#include "realtime/outbound.hpp"

#include <stoa/core/json.hpp>
#include <stoa/realtime/endpoint.hpp>
#include <stoa/realtime/session.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::realtime {

class ClientSession final : public Session, public std::enable_shared_from_this<ClientSession> {
 public:
  // How long a closing connection may take to send what is queued and to hear the client's goodbye.
  static constexpr auto kLinger = std::chrono::seconds(2);
  // Shorter ones are saved up.
  static constexpr auto kShortestRest = std::chrono::milliseconds(10);

  ClientSession(std::shared_ptr<GatewayState> gateway, LocalHub& local, const Endpoint& endpoint,
                std::shared_ptr<const Codec> codec, std::shared_ptr<Outbound> out, Client client,
                Admission::Ticket ticket);
  ~ClientSession() override;

  // ---- for the transport ----
  void start(std::optional<Caller> caller);
  // Whether a message of so many bytes is to be read. Each 16 KiB of it count as one event more, and are paid here.
  bool affords(std::size_t bytes);
  // A whole message. False: it must wait its turn, or its client has to rest; co_await settle() before the next offer().
  bool offer(Incoming in);
  Task<> settle();
  // Something came from the client; it is alive.
  void heard() noexcept { heard_ = true; }
  // The client said goodbye with this code (0: none); answered in kind.
  void client_closed(std::uint16_t code);
  // Ends when no event is under way any more.
  Task<> quiet();
  // Tells the observers and drops the subscriptions. No event of this session begins from here on.
  void end();
  // The transport has let go of the socket.
  void leave();
  // Why it is closed; 0 while it is not, or where none is named.
  std::uint16_t closed_with() const noexcept { return closed_with_; }

  // A session that is resumed hears no publication until it has got what it missed: from then on those that
  // this node numbered later. `number`: the last publication that its client has, as the client says, and then as it was
  // handed over.
  void deafen(std::uint64_t number) noexcept {
    heard_up_to_ = UINT64_MAX;
    handed_up_to_ = number;
  }
  void hear_after(std::uint64_t number) noexcept { heard_up_to_ = handed_up_to_ = number; }
  // The topics of a session that can be resumed, and for each the number of the last publication before it was subscribed
  // to; empty where it cannot be at this moment.
  struct Resumable {
    std::vector<Topic> topics;
    std::vector<std::uint64_t> heard_after;
  };
  std::optional<Resumable> resumable_topics() const;
  // Of a topic that a session has back.
  void set_heard_after(const Topic& topic, std::uint64_t number);

  // ---- for the shard's hub ----
  bool ends_with(UserId user) const noexcept {
    return (caller_ && caller_->user == user) || (stands_for_ && stands_for_->first == user);
  }
  bool ends_with(AuthSessionId sign_in) const noexcept {
    return (caller_ && caller_->session == sign_in) ||
           (stands_for_ && stands_for_->second == sign_in);
  }
  std::uint64_t heard_up_to() const noexcept { return heard_up_to_; }
  // The last publication that its client has once it has got what is pushed now. The shard may be behind what was handed to a
  // session that was resumed, and ahead of one that is deaf.
  std::uint64_t known() const noexcept {
    const bool deaf = heard_up_to_ == UINT64_MAX;
    return deaf ? handed_up_to_ : std::max(local_.delivered(), handed_up_to_);
  }
  const Codec& codec() const noexcept { return *codec_; }
  void push(const Frame& frame) {
    if (state_ == State::open && frame && !out_->append(frame)) too_slow();
  }
  // What another client sends. False: there is no room for it.
  bool push_of(const net::RateKey& sender, const Frame& frame) {
    return state_ != State::open || !frame || out_->append_of(sender, frame);
  }
  void hold(std::uint32_t slot, std::int64_t seq, const Frame& frame);
  void member_moved(std::uint32_t slot, std::uint32_t index) noexcept {
    subscriptions_[slot].index = index;
  }
  void scheduled(std::uint64_t tick) noexcept { tick_ = tick; }
  void on_timer(Clock::time_point now, std::uint64_t tick);
  void close_at(Clock::time_point when);

  // ---- Session ----
  SessionId id() const noexcept override { return id_; }
  bool open() const noexcept override { return state_ == State::open; }
  const std::optional<Caller>& caller() const noexcept override { return caller_; }
  const Client& client() const noexcept override { return caller_ ? *caller_->client : client_; }
  void stand_for(UserId user, AuthSessionId sign_in) override { stands_for_ = {user, sign_in}; }
  void subscribe(const Topic& topic) override;
  void subscribe_held(const Topic& topic) override;
  void release(const Topic& topic, std::int64_t seq) override;
  void unsubscribe(const Topic& topic) override;
  bool subscribed(const Topic& topic) const override;
  void after_answer(std::function<void()> then) override { then(); }
  void send(std::string_view event, std::string payload) override;
  using Session::send;
  void close(CloseReason why) override;

 private:
  enum class State : std::uint8_t { open, closing, ended };

  struct Held {
    bool was_flowing;  // there was a subscription before, which stays if the hold is undone
    std::vector<std::pair<std::int64_t, Frame>> frames;
  };
  struct Subscription {
    Subscribers* subscribers;
    std::uint32_t index;  // in its members
    std::unique_ptr<Held> held;
    std::uint64_t heard_after;  // what was published up to there is not for it
  };
  // A message that has passed all checks and waits to begin.
  struct Ready {
    std::size_t row;
    JsonDocument payload;
    std::string id;
  };

  static Task<> run_event(std::shared_ptr<ClientSession> self, Ready ready);
  static Task<std::string> authenticate(std::shared_ptr<ClientSession> self, JsonDocument payload);
  void begin_flowing(Ready ready);
  void refill(Clock::time_point now);
  bool spend_token(const Incoming& in);
  void refuse_by_rate(const std::string& id, std::chrono::seconds wait);
  // How long the client has to wait, by the limit of the row.
  std::optional<std::chrono::seconds> over_limit(Limit limit);
  std::optional<std::chrono::seconds> over_pace(Clock::time_point now);
  std::optional<std::chrono::seconds> over_budget(double price, Clock::time_point now);
  bool is_vital(std::string_view type) const noexcept;
  std::optional<std::size_t> admit(const Incoming& in);
  bool arrange(Incoming& in, std::size_t row);
  bool take(Incoming in);
  // How long nothing is read of a client that was refused by a rate (realtime.refused_bytes_per_second).
  Duration rest_time() const noexcept;
  Task<> rest();
  void signed_in(Caller caller);

  void refuse(std::string_view id, const Error& error);
  void failed(const Ready& ready, const std::exception& error);
  void too_slow();
  void drop_subscription(std::uint32_t slot);
  void undo_holds();
  Subscription* find(const Topic& topic);
  Subscription& add(const Topic& topic);
  void finish(Frame close_frame, std::uint16_t code);
  void schedule(Clock::time_point now);
  bool serial(std::size_t row) const noexcept;
  EventCounters& counters(std::size_t row) const noexcept {
    return local_.counters.events[endpoint_.first_counter() + row];
  }

  std::shared_ptr<GatewayState> gateway_;
  LocalHub& local_;
  const Endpoint& endpoint_;
  std::shared_ptr<const Codec> codec_;
  std::uint64_t heard_up_to_ = 0;
  std::uint64_t handed_up_to_ = 0;
  std::shared_ptr<Outbound> out_;
  SessionId id_;
  net::RateKey key_;  // whom limits count: the address, then the user
  Client client_;     // until signed in; then it is the caller's
  std::optional<Caller> caller_;
  std::optional<std::pair<UserId, AuthSessionId>> stands_for_;  // of a guest
  Admission::Ticket ticket_;
  std::vector<Subscription> subscriptions_;
  std::unique_ptr<Ready> waiting_;  // what settle() will begin
  Doorbell event_ended_;
  std::uint32_t in_flight_ = 0;
  State state_ = State::open;
  bool heard_ = true;
  bool busy_ = false;  // not reading, by our own choice
  std::uint8_t missed_ = 0;
  std::uint16_t closed_with_ = 0;
  std::uint16_t malformed_ = 0;  // in a row
  std::uint32_t over_rate_ = 0;  // since the bucket was last full
  double tokens_;
  std::size_t offered_bytes_ =
      0;  // of the message that affords() was asked about and offer() not yet given
  std::size_t refused_bytes_ = 0;  // by a rate, and not rested for yet
  Clock::time_point refilled_;
  // When a session without an account has all of rate_limits.guest_socket_events again.
  Clock::time_point own_share_full_at_ = {};
  Clock::time_point next_ping_;
  Clock::time_point deadline_ =
      Clock::time_point::max();  // sign in, renew the token, or finish closing
  Clock::time_point warn_at_ = Clock::time_point::max();   // the token lapses soon
  Clock::time_point close_at_ = Clock::time_point::max();  // going down
  std::uint64_t tick_ = 0;
};

}  // namespace stoa::realtime
