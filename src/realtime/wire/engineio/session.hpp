#pragma once
// One Engine.IO 4 session: a client behind a session id, whose packets come over HTTP long-polling or a
// WebSocket, and may change from the first to the second. Lives on the shard that made it; requests that arrive
// elsewhere are brought there (server.hpp). What is to be sent waits in one Outbound, which polls empty until a
// WebSocket is attached, so that nothing is lost or overtaken by the change.
//
// Kept alive by the shard's list of sessions and by the coroutines under way.
#include "realtime/admission.hpp"
#include "realtime/gateway_state.hpp"
#include "realtime/wire/engineio/packets.hpp"
#include "realtime/wire/websocket/link.hpp"

#include <stoa/realtime/polling.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stoa::realtime::engineio {

class Session;
struct ShardSessions;

// What is made of a session's messages. Owned by the session.
class MessageHandler {
 public:
  virtual ~MessageHandler() = default;
  // `data` is good during the call. False: co_await settle() before the next.
  virtual bool message(std::string_view data, bool binary) = 0;
  virtual Task<> settle() = 0;
  // One of the sessions that use the queue has closed.
  virtual void session_over() = 0;
  // Once, when nothing comes or goes any more: ends when what is under way has ended.
  virtual Task<> end() = 0;
  // Whether its sessions will end this one when the server goes down.
  virtual bool ends_by_itself() const noexcept = 0;
};

// Why a request is refused, by the protocol's numbers.
enum class Problem {
  unknown_transport,
  unknown_sid,
  bad_handshake_method,
  bad_request,
  forbidden,
  unsupported_version
};
PollAnswer refuse(Problem problem);
// What a poll is answered that waits for nothing any more.
PollAnswer noop();

struct Handshake;

struct Options {
  std::chrono::milliseconds ping_interval, ping_timeout, upgrade_timeout;
  std::size_t max_payload;   // bytes of one message or one polling payload
  std::size_t max_packets;   // in one polling payload
  std::size_t max_upgrades;  // WebSockets that may try to take a session over, one after the other
  std::size_t max_queue_bytes, max_queue_frames;
  // The token that a handshake shows, or none. Where it is empty nobody shows one.
  std::function<std::optional<std::string>(const Handshake&)> find_token = {};
};

// Empty without one of that name.
std::string_view query_value(const std::vector<std::pair<std::string, std::string>>& query,
                             std::string_view name) noexcept;

// What the client said of itself when it came.
struct Handshake {
  Client client;
  std::vector<std::pair<std::string, std::string>> query;
  std::string authorization, origin;
  std::optional<Uuid> shown;  // what counts for the token that it shows, where it shows one

  std::string_view query_value(std::string_view name) const noexcept {
    return engineio::query_value(query, name);
  }
};

using MakeHandler = std::function<std::unique_ptr<MessageHandler>(Session&)>;

// What all sessions share; outlives them.
struct ServerState {
  std::shared_ptr<GatewayState> gateway;
  Options options;
  MakeHandler make_handler;
  std::vector<std::unique_ptr<ShardSessions>> shards;
};

// Goes on once the present handler has ended: the hub closes sessions while it walks over them, and they must not
// leave its lists before it is done.
Task<> next_turn(LocalHub& local);

enum class Transport { polling, websocket };

class Session final : public websocket::Receiver,
                      public Carrier,
                      public std::enable_shared_from_this<Session> {
 public:
  // How long a closed session waits for the poll that fetches its last packets.
  static constexpr auto kLinger = std::chrono::seconds(2);

  Session(std::shared_ptr<ServerState> server, ShardSessions& home, std::string sid,
          Handshake handshake, Admission::Ticket ticket, std::unique_ptr<net::Stream> stream);
  ~Session() override;

  // ---- for the message handler ----
  const Handshake& handshake() const noexcept { return handshake_; }
  LocalHub& local() const noexcept;
  GatewayState& gateway() const noexcept { return *server_->gateway; }
  const std::shared_ptr<Outbound>& outbound() const noexcept { return out_; }
  void send(Frame frame);
  // What is queued leaves first. `why.code` 0: none is named.
  void close(const CloseReason& why = {0, {}});
  // Ends the session unless it is called again before; empty: never.
  void close_in(std::optional<Duration> time);
  // The place in the count of sessions; to be moved to what stands for the session, once. Until then the session gives way to
  // others of its address that come later.
  Admission::Ticket& ticket() noexcept { return ticket_; }
  // What stands for the session has ended: it has a place again as before, in the share of `shown` (of its handshake where that
  // is empty), or ends where there is none.
  void wait_again(const std::optional<Uuid>& shown);
  // Whether that has been: what its handshake paid for is used up.
  bool waits_again() const noexcept { return waits_again_; }

  // ---- for the server ----
  const std::string& sid() const noexcept { return sid_; }
  std::uint64_t number() const noexcept { return number_; }
  Transport transport() const noexcept { return transport_; }
  void begin();
  Task<PollAnswer> poll();
  // An octet stream, and a second request of a kind while the first waits, end the session. A payload begins before its body
  // is read; false: it is not to be read.
  bool begin_post();
  Task<PollAnswer> post(std::string body, bool octets);
  // One that has begun is over, or its body did not come.
  void end_post() noexcept { posting_ = false; }
  // The client of the waiting poll has gone.
  void departed();
  // Whether the client has ended the session, and no poll of its was there to be told so.
  bool left_unpolled() const noexcept { return left_unpolled_; }
  // The server is going down.
  void drain();
  // Counts one more WebSocket that would take it over; false: it is one too many.
  bool count_upgrade() noexcept { return upgrades_++ < server_->options.max_upgrades; }
  // A WebSocket came for the session: probes, and once the client says so takes its packets over.
  Task<> upgrade(std::unique_ptr<net::Stream> stream, std::string early);
  void on_timer(Clock::time_point now, std::uint64_t tick);
  websocket::ReaderLimits reader_limits() const noexcept;

  // ---- Carrier ----
  void frames_wait() override { poll_bell_.ring(); }
  void session_over() override { handler_->session_over(); }

  // ---- websocket::Receiver ----
  bool open() const noexcept override { return state_ == State::open; }
  TurnKey turn() const override { return net::turn_of(handshake_.client, {}); }
  void heard() noexcept override {}
  bool message(std::string_view data, bool binary) override;
  Task<> settle() override;
  void pong(Frame frame) override { send(std::move(frame)); }
  void client_closed(std::uint16_t code) override;
  void violation(const CloseReason& why) override { close(why); }
  Task<> quiet() override;
  void end() override { lost(); }
  void leave() override { forget(); }

 private:
  enum class State { open, closing, closed };
  class Upgrading;

  bool receive(const Packet& packet);
  PollAnswer last_words();
  void cut();
  void lost();
  void finish();
  void forget();
  static Task<> run_end(std::shared_ptr<Session> self);
  void schedule();

  std::shared_ptr<ServerState> server_;
  ShardSessions& home_;
  const std::string sid_;
  const std::uint64_t number_;
  Handshake handshake_;
  Admission::Ticket ticket_;
  std::shared_ptr<Outbound> out_;
  std::unique_ptr<MessageHandler> handler_;
  Transport transport_ = Transport::polling;
  State state_ = State::open;
  bool begun_ = false;              // in the shard's lists
  bool ended_ = false;              // run_end() has begun
  bool polling_ = false;            // a poll waits
  bool posting_ = false;            // a payload is being read or taken
  bool busy_ = false;               // not reading, by our own choice
  bool said_goodbye_ = false;       // the client, over polling
  bool waits_again_ = false;        // what stood for it has ended once
  bool left_unpolled_ = false;      // then, and no poll waited
  net::Stream* probing_ = nullptr;  // a WebSocket that wants to take over
  bool probed_ = false;             // and has been answered
  std::size_t upgrades_ = 0;        // that have been tried
  Doorbell poll_bell_;
  Clock::time_point ping_at_;
  Clock::time_point pong_due_ = Clock::time_point::max();
  Clock::time_point probe_due_ = Clock::time_point::max();
  Clock::time_point close_at_ = Clock::time_point::max();
  Clock::time_point forget_at_ = Clock::time_point::max();
  std::uint64_t tick_ = 0;
};

// Sessions that their clients have ended while no poll waited. A poll that was sent before that and came to another shard may
// arrive after it; it is answered as if it had waited. One that comes to the shard that the end came to was sent later.
// Lives on the sessions' shard; bounded in number and time.
class Farewells {
 public:
  // `by`: the shard that the client's request came to.
  void add(std::string sid, std::uint32_t by, Clock::time_point now);
  // True once.
  bool take(std::string_view sid, std::uint32_t by, Clock::time_point now);

 private:
  static constexpr std::size_t kMost = 1024;
  struct Farewell {
    std::string sid;
    std::uint32_t by;
    Clock::time_point until;
  };
  std::deque<Farewell> all_;  // the oldest first
};

// The sessions of one shard; used there only.
struct ShardSessions {
  explicit ShardSessions(LocalHub& hub) : local(hub), timers(hub.shard().context.get_executor()) {}

  std::shared_ptr<Session> find(std::string_view sid) const;
  Task<> run_timers();
  void drain();

  LocalHub& local;
  Timers timers;
  Farewells farewells;
  std::uint64_t next_number = 1;
  std::unordered_map<std::string, std::shared_ptr<Session>> by_sid;
  std::unordered_map<std::uint64_t, Session*> by_number;
};

}  // namespace stoa::realtime::engineio
