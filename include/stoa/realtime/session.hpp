#pragma once
// One connected client, whatever its codec. Lives and dies on its shard; every member is called there.
// Handlers get a SessionPtr as their context and may keep it across a co_await: a session that has ended
// meanwhile ignores what is sent to it.
#include <stoa/core/caller.hpp>
#include <stoa/net/rate_key.hpp>
#include <stoa/realtime/hub.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace stoa::realtime {

class Session {
 public:
  virtual ~Session() = default;

  virtual SessionId id() const noexcept = 0;
  virtual bool open() const noexcept = 0;
  // Who it is; empty for a guest or before the client has authenticated.
  virtual const std::optional<Caller>& caller() const noexcept = 0;
  virtual const Client& client() const noexcept = 0;
  // A guest who does a thing in the name of somebody's sign-in, and has nothing of its rights otherwise: where that ends, or its
  // account is suspended, so does this session.
  virtual void stand_for(UserId /*user*/, AuthSessionId /*sign_in*/) {}

  // Idempotent. At most the configured number of topics: Error{overloaded}.
  virtual void subscribe(const Topic& topic) = 0;
  // Subscribes, but holds back what has a seq until release(): subscribe, read the history from the
  // database, answer it, then release with its last seq. Nothing is lost, doubled or out of order between.
  virtual void subscribe_held(const Topic& topic) = 0;
  // Sends what was held and comes after `seq`; from here on the topic flows. Called by the dispatcher's
  // after_answer() so that it follows the acknowledgement.
  virtual void release(const Topic& topic, std::int64_t seq) = 0;
  virtual void unsubscribe(const Topic& topic) = 0;
  virtual bool subscribed(const Topic& topic) const = 0;

  // Runs once the present event's acknowledgement is in the outbound queue.
  virtual void after_answer(std::function<void()> then) = 0;

  virtual void send(std::string_view event, std::string payload) = 0;
  // Queued events leave first, then the close frame.
  virtual void close(CloseReason why) = 0;

  template <class Payload>
  void send(const Outgoing<Payload>& event, const std::type_identity_t<Payload>& payload) {
    send(event.name, write(payload));
  }
};

// Whom limits count: the person, or the address of a guest.
inline net::RateKey limit_key(const Session& session) {
  const auto& caller = session.caller();
  return caller ? net::RateKey::of(caller->user)
                : net::RateKey::of_address(session.client().address);
}

using SessionPtr = std::shared_ptr<Session>;

}  // namespace stoa::realtime
