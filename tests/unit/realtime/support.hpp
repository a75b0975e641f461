#pragma once
// A realtime node on loopback for tests: shards, gateway and the native codec behind a listener a shard
// that does of HTTP only what an upgrade needs, and a client that is free to break every rule.
#include "../support/eventually.hpp"

#include <stoa/core/config.hpp>
#include <stoa/core/json.hpp>
#include <stoa/net/runtime.hpp>
#include <stoa/realtime/gateway.hpp>
#include <stoa/realtime/native.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::realtime::test {

using namespace std::chrono_literals;
using stoa::test::at_any_pace;
using stoa::test::eventually;
using stoa::test::kPatience;

inline constexpr TopicKind kRoomTopic{"room"};
inline Topic room_topic(RoomId id) {
  return {&kRoomTopic, id.uuid};
}

UserId user_of(std::string_view name);
AuthSessionId sign_in_of(std::string_view name);

// Tokens: "<name>" signs <name> in, "<name>@<device>" likewise with a sign-in of its own; "bad", "suspended" and "down"
// fail in the three ways; "<name>@<n>ms" lapses after n milliseconds. Roles are given to names at any time.
class FakeAuthenticator final : public Authenticator {
 public:
  Task<Caller> authenticate(std::string token, Client client) override;
  // "bad" is nobody's.
  std::optional<Uuid> counted_for(const std::string& token) const noexcept override;
  Task<Role> role_of(Caller caller) override;
  void set_role(std::string_view name, Role role);
  // From now on nobody can say what somebody's role is.
  void fail_roles(Code code);
  int asked() const { return asked_; }  // how often for a role
  // From now on tokens wait to be judged, until it is undone; how many do.
  void hold(bool held = true) { held_ = held; }
  int held() const { return waiting_; }

 private:
  std::mutex mutex_;
  std::map<UserId, Role> roles_;
  std::optional<Code> failure_;
  std::atomic<int> asked_ = 0;
  std::atomic<bool> held_ = false;
  std::atomic<int> waiting_ = 0;
};

struct Frame {
  int opcode = -1;  // -1: the connection has ended
  std::string payload;
  int close_code() const;
};

class WsClient {
 public:
  explicit WsClient(std::uint16_t port, int receive_buffer = 0);
  ~WsClient();
  WsClient(WsClient&& other) noexcept;
  WsClient(const WsClient&) = delete;
  WsClient& operator=(const WsClient&) = delete;

  // The status of the answer; `response` is its text.
  int upgrade(const std::string& target = "/ws", const std::vector<std::string>& headers = {});
  void write(std::string_view bytes);
  // Reads the answer of a handshake that was written by hand.
  int answer();
  void send(std::string_view text);
  void send(const std::string& type, const std::string& payload, const std::string& id = {});
  void frame(std::uint8_t first, std::string_view payload, bool masked = true);
  // Pings and pongs are passed over unless asked for.
  Frame read(bool with_control = false);
  // The next message as JSON; fails the test when the connection ends instead.
  Json next();
  // The next of that type, others being passed over.
  Json next(std::string_view type);
  // The close code that ends the connection, 0 without one; messages before it are passed over.
  int closed();
  void shut();

  std::string response;
  int fd() const { return fd_; }

 private:
  bool fill(std::chrono::steady_clock::time_point until);
  int fd_ = -1;
  std::string in_;
};

class Node {
 public:
  using MakeEvents = std::function<Events(Gateway&)>;
  explicit Node(const std::function<void(Config&)>& change = {}, const MakeEvents& events = {},
                std::size_t shards = 1, std::vector<SessionObserver*> observers = {},
                std::unique_ptr<Broker> broker = make_local_broker());
  ~Node();

  Gateway& gateway() { return *gateway_; }
  Hub& hub() { return gateway_->hub(); }
  FakeAuthenticator& accounts() { return authenticator_; }
  std::uint16_t port(std::size_t shard = 0) const { return ports_[shard]; }
  net::Runtime& runtime() { return *runtime_; }
  // A client that is signed in by query.
  WsClient connect(const std::string& token, std::size_t shard = 0, int receive_buffer = 0);
  WsClient open(std::size_t shard = 0);
  // A publication of `kind` with a seq as payload.
  static Publication message(const Topic& topic, std::int64_t seq, bool with_seq = true);

  Config config;

 private:
  FakeAuthenticator authenticator_;
  std::unique_ptr<net::Runtime> runtime_;
  std::unique_ptr<net::RateLimiter> limiter_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Endpoint> endpoint_;
  std::vector<std::uint16_t> ports_;
};

}  // namespace stoa::realtime::test
